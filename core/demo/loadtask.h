// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace tidemark::demo {

/// One recurring statement of the live load: a file of resources/demo/<database>/load. Its header comments say how it runs:
///     -- application: relisten-api     (application_name; all tasks of one share a connection and a thread)
///     -- every: 250 ms                 (from the end of one run to the next, give or take a fifth; never less than forty
///                                       times its quickest run, so that no task costs more than 2.5 % of a core)
///     -- fails: on purpose             (its errors are part of the picture and are not reported)
struct LoadTask
{
    QString name;
    QString application;
    Millis every{0};
    bool mayFail = false;
    QByteArray sql;
};

/// The tasks of a demo database, as compiled in. A file without an application or a period is a fault of ours and aborts.
[[nodiscard]] std::vector<LoadTask> loadTasks(const QString &database);

} // namespace tidemark::demo
