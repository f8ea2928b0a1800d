// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demotargets.h"

#include "core/pg/capabilities.h"

namespace tidemark::demo {

namespace {

using namespace std::chrono_literals;

struct Target
{
    const char *database;
    const char *schema;
    const char *view; ///< null: all that has none of its own
    Millis target;
};

// Beside each: how often the load refreshes it.
constexpr Target targets[] = {
    {"plays", "public", "source_track_plays_by_hour_48h", 30s}, // 10 s
    {"plays", "public", "source_track_plays_by_day_6mo", 5min}, // 3 min
    {"plays", nullptr, nullptr, 30min},                         // artist_plays_30d: never
    {"register", "public", "statistical_history", 40s},         // 45 s: missed at the end of each round
    {"register", "public", "tax_ident_lookup", 90s},            // 45 s
    {"register", nullptr, nullptr, 5min},                       // 3 min
    {"warehouse", "public", "rollup_1m", 20s},                  // 10 s
    {"warehouse", "public", "rollup_5m", 90s},                  // 45 s
    {"warehouse", "public", "top_red_zones", 50s},              // 45 s, and it takes a while
    {"warehouse", nullptr, nullptr, 4min},                      // 3 min
    {"sensors", "silver", "sensor_latest", 30s},                // 45 s: missed a third of the time
    {"sensors", nullptr, nullptr, 1h},                          // site_daily_summary: never
    {"wip", "public", "mv_process_wip_queue", 30s},             // 10 s
    {"wip", nullptr, nullptr, 2min},                            // 45 s
};

Status setTargets(const pg::ConnInfo &info, const QString &database, HistoryStore &history)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark-demo-setup");
    TIDEMARK_TRY(pg::Session session, pg::Session::open(info.withDatabase(database), options));
    TIDEMARK_TRY(const pg::Capabilities capabilities, pg::Capabilities::probe(session));
    const DatabaseRef ref = databaseRefOf(capabilities);
    TIDEMARK_TRY(const auto known, history.targets(ref));
    if (!known.isEmpty())
        return {};
    for (const Target &target : targets) {
        if (QLatin1String(target.database) != database)
            continue;
        const pg::QualifiedName name = target.view
                                           ? pg::QualifiedName{QLatin1String(target.schema), QLatin1String(target.view)}
                                           : pg::QualifiedName();
        TIDEMARK_CHECK(history.setTarget(ref, name, target.target));
    }
    return {};
}

} // namespace

Status setDemoTargets(const DemoCluster &cluster, HistoryStore &history)
{
    TIDEMARK_TRY(const std::vector<LoadTarget> databases, cluster.loadTargets());
    for (const LoadTarget &database : databases) {
        TIDEMARK_TRY(const pg::ConnInfo superuser, cluster.connInfo(database.server));
        if (const Status set = setTargets(superuser, database.database, history); !set)
            return fail(
                set.error().within(QStringLiteral("setting the freshness targets of %1").arg(database.database)));
    }
    return {};
}

} // namespace tidemark::demo
