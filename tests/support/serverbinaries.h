// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QStringList>

namespace tidemark::test {

/// An installed PostgreSQL that tests may run. Names: "12" … "18" (15 is Debian's own, the others come from npm) and
/// "timescale" (17 with TimescaleDB, Apache edition); see packaging/install-test-servers.
struct ServerBinaries
{
    QString name;
    QString folder;          ///< holds initdb, pg_ctl and postgres
    QString libraryFolder;   ///< where shared_preload_libraries are looked for
    QStringList preloadable; ///< what shared_preload_libraries names, as far as it is installed
};

/// Every name there is, whether installed or not.
[[nodiscard]] QStringList serverNames();
/// The plain servers, "12" to "18".
[[nodiscard]] QStringList plainServerNames();

/// Missing, with the way to get it, where it is not installed.
[[nodiscard]] Result<ServerBinaries> findServer(const QString &name);

} // namespace tidemark::test
