// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/lockscene.h"

#include "core/base/pause.h"
#include "core/pg/qualifiedname.h"

#include <mutex>
#include <thread>

namespace tidemark::demo {

namespace {

using namespace std::chrono_literals;

pg::SessionOptions partOptions(const QString &application, Millis length)
{
    pg::SessionOptions options;
    options.applicationName = application;
    options.readOnly = false;
    // Whatever happens to this process, the server ends the scene by itself.
    options.lockTimeout = length + 10s;
    options.statementTimeout = length + 10s;
    options.idleInTransactionTimeout = length + 10s;
    return options;
}

Status playPart(const ScenePart &part, const pg::ConnInfo &connInfo, Millis length, std::stop_token stop)
{
    if (!pauseFor(part.enters, stop))
        return fail(Error::cancelled());
    TIDEMARK_TRY(pg::Session session, pg::Session::open(connInfo, partOptions(part.application, length), stop));
    const pg::CallOptions call{length + 15s, stop};
    TIDEMARK_TRY([[maybe_unused]] const auto began, session.exec("BEGIN", {}, call));
    TIDEMARK_TRY([[maybe_unused]] const auto ran, session.exec(part.statement, {}, call));
    pauseFor(std::chrono::duration_cast<Millis>(length * part.stays), stop);
    // The endings run even when stopped: nothing may be left behind.
    TIDEMARK_TRY([[maybe_unused]] const auto ended, session.exec(part.ending, {}, {5s, {}}));
    if (!part.afterwards.isEmpty()) {
        pauseFor(length, stop);
        TIDEMARK_TRY([[maybe_unused]] const auto last, session.exec(part.afterwards, {}, {5s, {}}));
    }
    return {};
}

QString word(const char *text)
{
    return QString::fromLatin1(text);
}

} // namespace

std::span<const LockScene> lockScenes()
{
    static const LockScene scenes[] = {
        // A forgotten transaction makes an ALTER wait, and the ALTER makes every reader wait.
        {word("migration-queue"),
         word("plays"),
         {{word("relisten-importer"), 0ms, "SELECT count(*) FROM public.sources WHERE is_soundboard", 1.0},
          {word("relisten-migrate"), 700ms, "ALTER TABLE public.sources ALTER COLUMN num_reviews SET DEFAULT 0", 0.02},
          {word("relisten-api"), 1500ms, "SELECT * FROM public.sources WHERE show_id = 17"},
          {word("relisten-web"), 2200ms, "SELECT count(*) FROM public.sources WHERE artist_id = 3"}}},
        // Three stations book the same item: the second waits for the transaction, the third for the second's tuple lock.
        {word("same-item"),
         word("wip"),
         {{word("station-04"), 0ms, "UPDATE public.wip_items SET updated_at = now() WHERE id = 41", 1.0},
          {word("station-05"), 600ms, "UPDATE public.wip_items SET updated_at = now() WHERE id = 41"},
          {word("station-07"), 1300ms, "UPDATE public.wip_items SET updated_at = now() WHERE id = 41"}}},
        // Two workers of one queue; the first holds the queue's advisory lock for its whole batch.
        {word("worker-advisory"),
         word("register"),
         {{word("statbus-worker-1"), 0ms, "SELECT pg_advisory_xact_lock(hashtext('worker.statistical_unit_refresh'))",
           1.0},
          {word("statbus-worker-2"), 900ms,
           "SELECT pg_advisory_xact_lock(hashtext('worker.statistical_unit_refresh'))"}}},
        // A coordinator went away between PREPARE and COMMIT PREPARED; nobody's pid is to blame.
        {word("prepared-transaction"),
         word("warehouse"),
         {{word("wms-coordinator"), 0ms, "UPDATE public.warehouses SET updated_at = updated_at WHERE id = 'wh-002'",
           0.0, "PREPARE TRANSACTION 'tidemark-demo-transfer'", "ROLLBACK PREPARED 'tidemark-demo-transfer'"},
          {word("wms-api"), 1000ms, "UPDATE public.warehouses SET updated_at = updated_at WHERE id = 'wh-002'"}}},
        // A report that is still being read keeps a plain REFRESH out, and the REFRESH keeps the dashboard out.
        {word("blocked-refresh"),
         word("warehouse"),
         {{word("report-export"), 0ms, "SELECT count(*) FROM public.top_red_zones", 1.0},
          {word("materialized-views.service"), 800ms, "REFRESH MATERIALIZED VIEW public.top_red_zones"},
          {word("wms-dashboard"), 1600ms, "SELECT * FROM public.top_red_zones ORDER BY red_count DESC LIMIT 10"}}},
    };
    return scenes;
}

const LockScene *lockScene(const QString &name)
{
    for (const LockScene &scene : lockScenes()) {
        if (scene.name == name)
            return &scene;
    }
    return nullptr;
}

Status playScene(const LockScene &scene, const pg::ConnInfo &connInfo, Millis length, std::stop_token stop)
{
    std::mutex mutex;
    Status outcome;
    {
        std::vector<std::jthread> threads;
        for (const ScenePart &part : scene.parts) {
            threads.emplace_back([&, stop] {
                const Status played = playPart(part, connInfo, length, stop);
                const std::lock_guard guard(mutex);
                if (!played && outcome)
                    outcome = fail(
                        played.error().within(QStringLiteral("lock scene %1, %2").arg(scene.name, part.application)));
            });
        }
    }
    return outcome;
}

Status sweepPreparedTransactions(const pg::ConnInfo &connInfo, std::stop_token stop)
{
    TIDEMARK_TRY(pg::Session session,
                 pg::Session::open(connInfo, partOptions(QStringLiteral("tidemark-demo-load"), 5s), stop));
    TIDEMARK_TRY(const auto found,
                 session.exec("SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE gid LIKE 'tidemark-demo-%' "
                              "AND database = pg_catalog.current_database()"));
    for (int row = 0; row < found.rowCount(); ++row) {
        const QString gid = found.text(row, found.column("gid"));
        TIDEMARK_TRY([[maybe_unused]] const auto ended,
                     session.exec("ROLLBACK PREPARED " + pg::quoteLiteral(gid).toUtf8()));
    }
    return {};
}

} // namespace tidemark::demo
