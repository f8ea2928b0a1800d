// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace tidemark::demo {

/// How to start the process of the live load, for example {"/usr/bin/tidemarkctl", "demo", "load"}; empty for none.
using LoadCommand = QStringList;

/// The process of a demo's live load, known by the lock it holds for as long as it runs: any process may start it, see it
/// and end it. Calls block for seconds.
class LoadProcess
{
public:
    /// In the folder of a demo.
    explicit LoadProcess(QString folder);

    [[nodiscard]] QString lock() const;
    [[nodiscard]] std::optional<qint64> pid() const; ///< while it runs

    /// Starts it apart from this process and waits until it has begun.
    [[nodiscard]] Status start(const LoadCommand &command) const;
    /// Asks it to end, and kills it when it does not. Fine when none runs.
    [[nodiscard]] Status stop() const;

private:
    QString m_folder;
};

} // namespace tidemark::demo
