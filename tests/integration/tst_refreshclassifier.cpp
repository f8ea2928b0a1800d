// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesscollector.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

#include <QElapsedTimer>

#include <array>
#include <map>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

constexpr Millis pollPeriod = 200ms;

std::shared_ptr<HistoryStore> emptyStore()
{
    return std::make_shared<HistoryStore>(LocalStore::inMemory().value());
}

Collectors freshness(std::shared_ptr<HistoryStore> store = nullptr)
{
    Collectors collectors;
    collectors.push_back(std::make_unique<FreshnessCollector>(std::move(store)));
    return collectors;
}

} // namespace

/// Every event of the table "what changes on which event", on every version, through the whole path: a real server, the
/// feed, the collector, the published snapshot. An event either is a refresh or it is not; what is not must leave the time
/// of the last refresh alone. The same for a first look at what it left, when nothing is known of the time before: that must
/// claim no refresh for certain that was none.
class TstRefreshClassifier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyEventIsToldForWhatItIs();
    void aRefreshIsDatedToItsCommit_data();
    void aRefreshIsDatedToItsCommit();
};

namespace {

struct Event
{
    const char *what;
    QByteArray sql; ///< %1 is the view
    bool isRefresh;
    bool changesContent;
    QByteArray before; ///< the state it needs; runs and settles first

    /// "plain", "concurrently", "with no data" as the history tells it.
    [[nodiscard]] QString how() const
    {
        if (sql.contains("WITH NO DATA"))
            return QStringLiteral("with no data");
        return sql.contains("CONCURRENTLY") ? QStringLiteral("concurrently") : QStringLiteral("plain");
    }
    /// What it did last is the refresh.
    [[nodiscard]] bool endsWithRefresh() const
    {
        return isRefresh
               && (sql.contains("$$") || sql.contains("AS 'REFRESH") || sql.split(';').last().contains("REFRESH"));
    }
};

QString howOf(const RefreshEvent &event)
{
    if (event.sourceDetail == QLatin1String("WITH NO DATA"))
        return QStringLiteral("with no data");
    return event.concurrently ? QStringLiteral("concurrently") : QStringLiteral("plain");
}

bool isCertain(const LastRefresh &last)
{
    return last.at && !last.probable && last.confidence != Confidence::AtLeast
           && last.confidence != Confidence::Unknown;
}

// A view each for every event, so that all are judged in the time that statistics take once.
const std::vector<Event> &events()
{
    static const std::vector<Event> all{
        {"concurrently, nothing differs", "REFRESH MATERIALIZED VIEW CONCURRENTLY %1", true, false, {}},
        {"plain", "REFRESH MATERIALIZED VIEW %1", true, true, {}},
        {"concurrently, rows differ",
         "UPDATE source SET b = b || '!' WHERE a = 3; REFRESH MATERIALIZED VIEW CONCURRENTLY %1",
         true,
         true,
         {}},
        {"in a DO block", "DO $$ BEGIN REFRESH MATERIALIZED VIEW %1; END $$", true, true, {}},
        {"in a function",
         "CREATE FUNCTION f_%1() RETURNS void LANGUAGE sql SET search_path = public AS 'REFRESH MATERIALIZED VIEW %1'; SELECT f_%1()",
         true,
         true,
         {}},
        {"rolled back", "BEGIN; REFRESH MATERIALIZED VIEW %1; ROLLBACK", false, false, {}},
        {"with no data", "REFRESH MATERIALIZED VIEW %1 WITH NO DATA", true, true, {}},
        {"with no data, again", "REFRESH MATERIALIZED VIEW %1 WITH NO DATA", true, false,
         "REFRESH MATERIALIZED VIEW %1 WITH NO DATA"},
        {"after no data", "REFRESH MATERIALIZED VIEW %1", true, true, "REFRESH MATERIALIZED VIEW %1 WITH NO DATA"},
        {"vacuum full", "VACUUM FULL %1", false, false, {}},
        {"cluster", "CLUSTER %1 USING %1_a", false, false, {}},
        {"grant", "GRANT SELECT ON %1 TO pg_monitor", false, false, {}},
        {"grant to public", "GRANT SELECT ON %1 TO PUBLIC", false, false, {}},
        {"the same grant again", "GRANT SELECT ON %1 TO PUBLIC", false, false, "GRANT SELECT ON %1 TO PUBLIC"},
        {"alter set", "ALTER MATERIALIZED VIEW %1 SET (fillfactor = 90)", false, false, {}},
        {"alter owner", "ALTER MATERIALIZED VIEW %1 OWNER TO pg_monitor", false, false, {}},
        {"rename back and forth",
         "ALTER MATERIALIZED VIEW %1 RENAME TO other_%1; ALTER MATERIALIZED VIEW other_%1 RENAME TO %1",
         false,
         false,
         {}},
        {"set schema", "CREATE SCHEMA s_%1; ALTER MATERIALIZED VIEW %1 SET SCHEMA s_%1", false, false, {}},
        {"analyze", "ANALYZE %1", false, false, {}},
        {"vacuum", "VACUUM %1", false, false, {}},
        {"create index", "CREATE INDEX ON %1 (b)", false, false, {}},
        {"reindex", "REINDEX TABLE %1", false, false, {}},
        {"comment", "COMMENT ON MATERIALIZED VIEW %1 IS 'x'", false, false, {}},
        {"refresh and grant", "REFRESH MATERIALIZED VIEW %1; GRANT SELECT ON %1 TO PUBLIC", true, true, {}},
        {"grant and refresh", "GRANT SELECT ON %1 TO PUBLIC; REFRESH MATERIALIZED VIEW %1", true, true, {}},
        {"refresh and vacuum full", "REFRESH MATERIALIZED VIEW %1; VACUUM FULL %1", true, true, {}},
        {"refresh twice", "REFRESH MATERIALIZED VIEW %1; REFRESH MATERIALIZED VIEW %1", true, true, {}},
    };
    return all;
}

struct Case
{
    Event event;
    QByteArray view;
    int shape = 0; ///< 0: with a TOAST table
    [[nodiscard]] QByteArray sql(const QByteArray &text) const { return QByteArray(text).replace("%1", view); }
};

// Two shapes: with and without a TOAST table, for it is one of the traces.
const std::vector<Case> &cases()
{
    static const std::vector<Case> all = [] {
        std::vector<Case> made;
        for (const Event &event : events()) {
            for (int shape = 0; shape < 2; ++shape)
                made.push_back({event, "v" + QByteArray::number(int(made.size())), shape});
        }
        return made;
    }();
    return all;
}

/// All events on one server; the waiting is shared by the servers.
class Trial
{
public:
    explicit Trial(const QString &server)
        : m_server(server)
        , m_database(server)
        , m_watched(m_database.conn(), freshness(m_store), pollPeriod)
        , m_other(m_database.open())
    {
    }

    void prepare()
    {
        m_database.exec("CREATE TABLE source (a int, b text);"
                        "INSERT INTO source SELECT g, 'row ' || g FROM generate_series(1, 40) g");
        const std::array<QByteArray, 2> shapes{"SELECT a, b FROM source", "SELECT a, length(b) AS b FROM source"};
        for (const Case &one : cases()) {
            m_database.exec(one.sql("CREATE MATERIALIZED VIEW %1 AS " + shapes[static_cast<std::size_t>(one.shape)]
                                    + "; CREATE UNIQUE INDEX %1_a ON %1 (a)"));
            if (!one.event.before.isEmpty())
                m_database.exec(one.sql(one.event.before));
        }
    }

    void remember()
    {
        for (const Case &one : cases())
            m_before[one.view] = m_watched.view(QString::fromLatin1(one.view));
    }

    void runEvents()
    {
        QVERIFY_RESULT(m_other->exec("SET search_path = public"));
        for (const Case &one : cases()) {
            const QByteArray sql = one.sql(one.event.sql);
            const auto statements = sql.contains("$$") ? QList<QByteArray>{sql} : sql.split(';');
            for (const QByteArray &statement : statements)
                QVERIFY_RESULT(m_other->exec(statement));
            m_watched.tick();
            if (QTest::currentTestFailed())
                return;
        }
        m_other.reset(); // as psql does at its end; a backend that stays reports its counters only when it has to
    }

    void tick() { m_watched.tick(); }

    [[nodiscard]] QStringList wrong() const
    {
        QStringList found;
        const auto say = [&](const Case &one, const char *what) { found << described(one, QLatin1String(what)); };
        for (const Case &one : cases()) {
            const Refreshable &before = m_before.at(one.view);
            const Refreshable &after = m_watched.view(QString::fromLatin1(one.view));
            const bool moved = after.lastRefresh.at != before.lastRefresh.at;
            // Before 15 silent counters prove nothing, so a rewrite that left no other trace is said to be a probable one.
            const bool inDoubt = m_server.toInt() < 15 && after.lastRefresh.probable;
            if (moved != one.event.isRefresh && !inDoubt)
                say(one, moved ? "taken for a refresh" : "not seen as a refresh");
            if (one.event.isRefresh && after.lastRefresh.probable && one.event.changesContent)
                say(one, "seen as a probable refresh only");
            const bool changed = after.lastChangedAt != before.lastChangedAt;
            if (changed != one.event.changesContent)
                say(one, changed ? "content said to change" : "change of content not seen");
            const auto told = toldSince(*m_store, after.name, before.lastRefresh.at);
            if (one.event.isRefresh && told.size() != 1)
                say(one, "not once in the history");
            for (const RefreshEvent &event : told) {
                if (!one.event.isRefresh && !event.probable)
                    say(one, "a certain refresh in the history");
                if (one.event.isRefresh && howOf(event) != one.event.how())
                    found << described(one, QStringLiteral("in the history as ") + howOf(event));
                if (event.probable != after.lastRefresh.probable)
                    say(one, "probable in the history or on the board, not in both");
            }
        }
        return found;
    }

    /// What a first look with an empty store says, against what really happened.
    [[nodiscard]] QStringList wrongAtFirstSight()
    {
        const auto store = emptyStore();
        Watched first(m_database.conn(), freshness(store), pollPeriod);
        first.tick(3);
        QStringList found;
        for (const Case &one : cases()) {
            const auto say = [&](const char *what) { found << described(one, QLatin1String(what)); };
            const Refreshable &before = m_before.at(one.view);
            const Refreshable &after = m_watched.view(QString::fromLatin1(one.view));
            const Refreshable &seen = first.view(QString::fromLatin1(one.view));
            const auto last = one.event.isRefresh ? after.lastRefresh.at : before.lastRefresh.at;
            const auto changed = one.event.changesContent ? after.lastChangedAt : before.lastChangedAt;
            const auto told = toldSince(*store, seen.name, std::nullopt);
            if (isCertain(seen.lastRefresh)) {
                if (seen.lastRefresh.at != last)
                    say("at first sight: a certain refresh that was none");
                if (told.size() != 1 || told.front().probable)
                    say("at first sight: not once in the history");
                const bool wasCreated = !told.empty() && told.front().sourceDetail.startsWith(QLatin1String("CREATE"));
                if (one.event.isRefresh && (told.empty() || howOf(told.front()) != one.event.how() || wasCreated))
                    say("at first sight: another kind of refresh in the history");
                if (!one.event.isRefresh && !wasCreated && one.event.before.isEmpty())
                    say("at first sight: a refresh in the history that was none");
            } else {
                if (!seen.lastRefresh.at || *seen.lastRefresh.at < *last)
                    say("at first sight: told to be older than it is");
                if (!told.empty())
                    say("at first sight: an uncertain refresh in the history");
                if (freshnessStatus(seen, first.snapshot()->takenAt) == FreshnessStatus::Fresh)
                    say("at first sight: fresh for no certain refresh");
            }
            if (seen.lastChangedAt && seen.lastChangedAt != changed)
                say("at first sight: an invented change of content");
            // A new TOAST table proves it.
            const bool isProved = one.shape == 0 && one.event.endsWithRefresh()
                                  && one.event.how() != QLatin1String("concurrently");
            if (isProved && !isCertain(seen.lastRefresh))
                say("at first sight: a refresh that was proved is not told for certain");
        }
        return found;
    }

private:
    [[nodiscard]] QString described(const Case &one, const QString &what) const
    {
        return QStringLiteral("PostgreSQL %1, %2 (%3): %4")
            .arg(m_server, QLatin1String(one.event.what), QLatin1String(one.view), what);
    }

    /// What the history tells of a view after a time.
    [[nodiscard]] std::vector<RefreshEvent> toldSince(HistoryStore &store, const pg::QualifiedName &view,
                                                      std::optional<Instant> since) const
    {
        auto events =
            store.refreshes(databaseRefOf(m_watched.snapshot()->capabilities), view, std::nullopt, 50).value();
        std::erase_if(events, [&](const RefreshEvent &event) { return since && event.finishedAt <= since; });
        return events;
    }

    const QString m_server;
    TestDatabase m_database;
    const std::shared_ptr<HistoryStore> m_store = emptyStore();
    Watched m_watched;
    std::optional<pg::Session> m_other;
    std::map<QByteArray, Refreshable> m_before;
};

} // namespace

void TstRefreshClassifier::everyEventIsToldForWhatItIs()
{
    std::vector<std::unique_ptr<Trial>> trials;
    for (const QString &server : plainServerNames()) {
        QString why;
        if (isAvailable(server, &why))
            trials.push_back(std::make_unique<Trial>(server));
        else if (serversAreRequired())
            QFAIL(qPrintable(why));
        else
            qWarning("PostgreSQL %s is left out: %s", qPrintable(server), qPrintable(why));
    }
    QVERIFY(!trials.empty());
    const auto tickAllFor = [&](Millis time) {
        QElapsedTimer elapsed;
        elapsed.start();
        while (elapsed.elapsed() < time.count() && !QTest::currentTestFailed()) {
            for (const auto &trial : trials)
                trial->tick();
            QTest::qSleep(static_cast<int>(pollPeriod.count()));
        }
    };
    const auto forAll = [&](auto what) {
        for (const auto &trial : trials) {
            if (!QTest::currentTestFailed())
                (*trial.*what)();
        }
    };
    forAll(&Trial::prepare);
    tickAllFor(13s); // until the counters of all that are in, and the states are decided
    forAll(&Trial::remember);
    forAll(&Trial::runEvents);
    tickAllFor(14s);
    if (QTest::currentTestFailed())
        return;
    QStringList wrong;
    for (const auto &trial : trials)
        wrong << trial->wrong() << trial->wrongAtFirstSight();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1String("\n"))));
}

void TstRefreshClassifier::aRefreshIsDatedToItsCommit_data()
{
    QTest::addColumn<QString>("server");
    for (const QString &server : plainServerNames())
        QTest::newRow(qPrintable(server)) << server;
}

void TstRefreshClassifier::aRefreshIsDatedToItsCommit()
{
    QFETCH(const QString, server);
    TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    TestDatabase database(server);
    Watched watched(database.conn(), freshness(), pollPeriod);
    database.exec("CREATE TABLE source AS SELECT g AS a FROM generate_series(1, 10) g;"
                  "CREATE MATERIALIZED VIEW v AS SELECT a FROM source; CREATE UNIQUE INDEX ON v (a)");
    watched.tick();
    for (const char *how : {"", "CONCURRENTLY "}) {
        // Where the machine held the commit up, its time is not known well enough to judge by.
        std::optional<Instant> before;
        std::optional<Instant> after;
        for (int attempt = 0; attempt < 20 && (!after || *after - *before >= 10ms); ++attempt) {
            database.exec("BEGIN; REFRESH MATERIALIZED VIEW " + QByteArray(how) + "v");
            before = parseTimestamp(database.value("SELECT clock_timestamp()"));
            database.exec("COMMIT");
            after = parseTimestamp(database.value("SELECT clock_timestamp()"));
        }
        QVERIFY2(*after - *before < 10ms, "no commit of twenty took less than 10 ms");
        watched.tick();
        watched.tick();
        const LastRefresh &last = watched.view(QStringLiteral("v")).lastRefresh;
        QCOMPARE(last.confidence, Confidence::Commit);
        const Instant at = *last.at;
        QVERIFY2(at >= *before && at <= *after,
                 qPrintable(QStringLiteral("%1 is not between %2 and %3")
                                .arg(toIso8601(at), toIso8601(*before), toIso8601(*after))));
    }
}

QTEST_GUILESS_MAIN(TstRefreshClassifier)
#include "tst_refreshclassifier.moc"
