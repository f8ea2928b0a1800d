// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <functional>
#include <span>

namespace tidemark::demo {

enum class Scale { Small, Medium, Large };

[[nodiscard]] QString toWord(Scale scale); ///< "small", "medium", "large"
[[nodiscard]] std::optional<Scale> scaleOf(const QString &word);

/// One demo database: a system from the field with its own role, schema, data and live load. What they are is written in
/// resources/demo/<name>/*.sql, run in the order of the file names; how much there is of it stands here.
struct DemoDatabase
{
    QString name;
    QString owner;               ///< its application's role
    qint64 rows[3];              ///< of its main table at each scale
    int days[3] = {60, 90, 180}; ///< how far partitions by day reach back
    QStringList extensions;      ///< created by the superuser where the server has them
    bool refreshLog = false;     ///< the toolkit's refresh log stands in it

    [[nodiscard]] qint64 rowsAt(Scale scale) const { return rows[static_cast<int>(scale)]; }
    [[nodiscard]] int daysAt(Scale scale) const { return days[static_cast<int>(scale)]; }
};

[[nodiscard]] std::span<const DemoDatabase> demoDatabases(); ///< the longest to load first
[[nodiscard]] const DemoDatabase &demoDatabase(const QString &name);

/// One line for people about what is going on; called from the loading threads, never two at once.
using Progress = std::function<void(const QString &)>;

struct DataLoad
{
    pg::ConnInfo superuser; ///< of any database
    pg::ConnInfo owner;     ///< the same server as the database's own role
    qint64 rows = 0;
    int days = 60;
    QStringList preload; ///< what the server has in shared_preload_libraries
    Progress progress;
    std::stop_token stop;
};

/// Creates the database, its role and everything in it. The role must not own anything elsewhere. Blocks; any thread, one
/// call a database.
[[nodiscard]] Status createDemoDatabase(const DemoDatabase &database, const DataLoad &load);

} // namespace tidemark::demo
