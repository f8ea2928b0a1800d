// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <vector>

namespace tidemark {

/// A part of the `tidemark` schema in a target database, installed and removed as a whole by the scripts of
/// resources/toolkit.
struct ToolkitPart
{
    QString name;       ///< "runs"
    QString what;       ///< for people, in a sentence
    QByteArray isThere; ///< a query of one bool: whether any of it is in this database
    bool needsSuperuser = false;
};

/// The parts there are, in the order in which they may be installed.
[[nodiscard]] const std::vector<ToolkitPart> &toolkitParts();

/// The script that installs or removes a part, as it will run. Error: Input for a part that does not exist.
[[nodiscard]] Result<QString> toolkitScript(const QString &part, bool install);

/// The parts that this database has.
[[nodiscard]] Result<QStringList> installedToolkit(pg::Session &session, std::stop_token stop = {});

/// Runs the script in one transaction, without asking anybody or writing an audit (those are its callers'); nothing happens where the part is (not) there already. Errors: Input for a part
/// that does not exist; Permission where the role may not; those of the session.
[[nodiscard]] Status applyToolkit(pg::Session &session, const QString &part, bool install);

} // namespace tidemark
