// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/monitor/databaseticker.h"
#include "core/monitor/freshnesscollector.h"
#include "tests/support/testserver.h"

#include <QRandomGenerator>

#include <deque>
#include <future>
#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

using SteadyClock = std::chrono::steady_clock;

/// What a view of the schedule is, and how often it may be called fresh.
struct View
{
    QByteArray name;
    QByteArray query;
    bool mayRefreshConcurrently = false;
};

const std::vector<View> &views()
{
    static const std::vector<View> all{
        {"plain", "SELECT a FROM t1", false},
        {"text", "SELECT a, repeat('x', a) AS x FROM t1", false},
        {"none", "SELECT a FROM t1 WHERE a < 0", false},
        {"keyed", "SELECT DISTINCT a FROM t2", true},
        {"joined", "SELECT a FROM t1 UNION ALL SELECT a FROM t2", false},
        {"parted", "SELECT a FROM p", false},
        {"through", "SELECT a FROM between_t", false},
        {"nested", "SELECT a FROM plain", false},
        {"topmost", "SELECT a FROM nested UNION SELECT a FROM keyed", true},
    };
    return all;
}

const QByteArray schema = R"(
CREATE TABLE t1 (a int); INSERT INTO t1 SELECT generate_series(1, 20);
CREATE TABLE t2 (a int); INSERT INTO t2 SELECT generate_series(1, 20);
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
INSERT INTO p VALUES (1), (2), (2);
CREATE VIEW between_t AS SELECT a FROM t1 WHERE a > 5;
)";

/// What the server may hold back: a session that ended told of all, one that stays idle tells within twelve seconds, and the
/// board says so.
constexpr auto toldAtTheEnd = 600ms;
constexpr auto toldWhenIdle = 12'500ms;
constexpr auto toldBeforeThe15th = 1'500ms;

/// One random schedule on a database of its own: what happens, who looks, and whether any look calls fresh what is not.
class Schedule
{
public:
    Schedule(quint32 seed, pg::ConnInfo info)
        : m_seed(seed)
        , m_random(seed)
        , m_info(std::move(info))
    {
    }

    void run()
    {
        prepare();
        for (int step = 0; step < 30; ++step) {
            act();
            if (m_random.bounded(3) == 0)
                std::this_thread::sleep_for(Millis(m_random.bounded(400)));
            look();
        }
        endWhatIsOpen();
        std::this_thread::sleep_for(toldWhenIdle);
        m_allowance = 0ms;
        look(true);
        m_kept.reset();
        std::this_thread::sleep_for(toldBeforeThe15th); // only now did it tell of its last changes, there
        settleQuietly();
    }

    [[nodiscard]] const QStringList &failures() const { return m_failures; }
    [[nodiscard]] int looks() const { return m_looks; }
    [[nodiscard]] int calledFresh() const { return m_calledFresh; }
    [[nodiscard]] int wasFresh() const { return m_wasFresh; }

private:
    struct Truth
    {
        bool differs = false;
        QByteArray by; ///< which rows, since which refresh
        SteadyClock::time_point since;
        Millis allowance{0};
    };

    void prepare()
    {
        auto local = LocalStore::inMemory();
        auto other = LocalStore::inMemory();
        m_watchStore = std::make_shared<HistoryStore>(*local);
        m_lookStore = std::make_shared<HistoryStore>(*other);
        m_truth.emplace(open());
        QByteArray made = schema;
        for (const View &view : views()) {
            made += "CREATE MATERIALIZED VIEW " + view.name + " AS " + view.query + ";";
            if (view.mayRefreshConcurrently)
                made += "CREATE UNIQUE INDEX ON " + view.name + " (a);";
        }
        asPsql({made});
        std::this_thread::sleep_for(toldAtTheEnd);
        m_watch = ticker(m_watchStore);
        tick(*m_watch);
        lookOnce(m_lookStore, QStringLiteral("one-shot"));
        for (const View &view : views())
            asPsql({"REFRESH MATERIALIZED VIEW " + view.name});
        std::this_thread::sleep_for(toldAtTheEnd);
        measure();
    }

    [[nodiscard]] pg::Session open() const
    {
        pg::SessionOptions options = writable();
        auto session = pg::Session::open(m_info, options);
        if (!session)
            qFatal("%s", describe(session.error()).constData());
        static_cast<void>(session->execScript("SET search_path = public; SET lock_timeout = '300ms'"));
        return std::move(*session);
    }

    /// Each script on its own; one that fails has done nothing, and that is part of the schedule.
    void asPsql(const QList<QByteArray> &scripts)
    {
        pg::Session session = open();
        for (const QByteArray &script : scripts) {
            m_story << QString::fromUtf8(script);
            static_cast<void>(session.execScript(script));
            static_cast<void>(session.execScript("ROLLBACK"));
        }
    }

    [[nodiscard]] QByteArray any(std::initializer_list<const char *> choices)
    {
        return *(choices.begin() + m_random.bounded(static_cast<int>(choices.size())));
    }
    [[nodiscard]] const View &anyView() { return views()[m_random.bounded(static_cast<quint32>(views().size()))]; }

    QByteArray write()
    {
        const QByteArray t = any({"t1", "t2"});
        switch (m_random.bounded(9)) {
        case 0:
            return "UPDATE " + t + " SET a = a + 1 WHERE a % 7 = " + QByteArray::number(m_random.bounded(7));
        case 1:
            return "DELETE FROM " + t + " WHERE a % 7 = " + QByteArray::number(m_random.bounded(7));
        case 2:
            return "TRUNCATE " + t;
        case 3:
            return "INSERT INTO p SELECT a FROM p LIMIT 3";
        case 4:
            return any({"TRUNCATE p1", "DELETE FROM p WHERE a = 2", "INSERT INTO p VALUES (2)"});
        default:
            return "INSERT INTO " + t + " SELECT " + any({"-1", "3", "g", "g * 10"}) + " FROM generate_series(1, "
                   + QByteArray::number(1 + m_random.bounded(5)) + ") AS g";
        }
    }

    QByteArray refresh(bool inTransaction = false)
    {
        const View &view = anyView();
        const bool concurrently = view.mayRefreshConcurrently && m_random.bounded(2) == 0 && !inTransaction;
        return "REFRESH MATERIALIZED VIEW " + QByteArray(concurrently ? "CONCURRENTLY " : "") + view.name;
    }

    void act()
    {
        m_allowance = toldAtTheEnd;
        switch (m_random.bounded(16)) {
        case 0:
        case 1:
            asPsql({write()});
            break;
        case 2:
        case 3:
            asPsql({refresh()});
            break;
        case 4: // each in its own transaction, at once
            asPsql({write(), refresh(), write()});
            break;
        case 5:
            asPsql({"BEGIN; " + write() + "; " + refresh(true) + "; " + write() + "; COMMIT"});
            break;
        case 6: {
            QList<QByteArray> all;
            for (const View &view : views())
                all << "REFRESH MATERIALIZED VIEW " + view.name;
            if (m_random.bounded(2) == 0)
                std::reverse(all.begin(), all.end());
            asPsql(m_random.bounded(2) == 0 ? all : QList<QByteArray>{"BEGIN; " + all.join("; ") + "; COMMIT"});
            break;
        }
        case 7: { // a partition comes, with rows or without, or goes
            const QByteArray number = QByteArray::number(3 + m_random.bounded(4));
            asPsql(
                {any({"CREATE TABLE p%1 PARTITION OF p FOR VALUES IN (%1); INSERT INTO p VALUES (%1)",
                      "CREATE TABLE p%1 (a int); INSERT INTO p%1 VALUES (%1); ALTER TABLE p ATTACH PARTITION p%1 FOR VALUES IN (%1)",
                      "ALTER TABLE p DETACH PARTITION p%1; DROP TABLE p%1", "DROP TABLE p%1"})
                     .replace("%1", number)});
            break;
        }
        case 8: // a session that stays, and tells late
            if (!m_kept)
                m_kept.emplace(open());
            m_allowance = toldWhenIdle;
            runKept(write());
            if (m_random.bounded(2) == 0)
                runKept(refresh());
            break;
        case 9:
            beginLong();
            break;
        case 10:
            endLong();
            break;
        case 11:
        case 12:
            refreshSlowly();
            break;
        case 13: {
            const View &view = anyView();
            asPsql({any({"GRANT SELECT ON %1 TO PUBLIC", "ALTER MATERIALIZED VIEW %1 SET (fillfactor = 90)",
                         "ANALYZE %1", "REFRESH MATERIALIZED VIEW %1 WITH NO DATA"})
                        .replace("%1", view.name)});
            break;
        }
        case 14:
            asPsql({"VACUUM FULL " + anyView().name});
            break;
        default:
            break;
        }
        measure();
    }

    void runKept(const QByteArray &sql)
    {
        m_story << QStringLiteral("kept session: ") + QString::fromUtf8(sql);
        static_cast<void>(m_kept->execScript(sql));
        m_keptTellsBy = SteadyClock::now() + toldWhenIdle;
    }

    void beginLong()
    {
        if (m_long)
            return;
        m_long.emplace(open());
        runLong(any({"BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ"}));
        runLong(any({"SELECT count(*) FROM t1", "SELECT count(*) FROM t2", "INSERT INTO t1 VALUES (4)"}));
    }
    void runLong(const QByteArray &sql)
    {
        m_story << QStringLiteral("long transaction: ") + QString::fromUtf8(sql);
        static_cast<void>(m_long->execScript(sql));
    }
    void endLong()
    {
        if (!m_long)
            return;
        runLong(any({"SELECT 1", "INSERT INTO t2 VALUES (5)", "INSERT INTO t1 VALUES (6)"}));
        if (m_random.bounded(2) == 0)
            runLong(refresh(true));
        runLong(any({"COMMIT", "COMMIT", "ROLLBACK"}));
        m_long.reset();
    }

    /// A refresh that has its snapshot, and waits for one of its tables while others write.
    void refreshSlowly()
    {
        const QByteArray view = any({"joined", "topmost", "nested"});
        const QByteArray gate = view == "joined" ? "t2" : view == "topmost" ? "keyed" : "plain";
        pg::Session holder = open();
        const auto held = holder.execScript("BEGIN; LOCK TABLE " + gate + " IN ACCESS EXCLUSIVE MODE");
        if (!held)
            return;
        const QByteArray sql = "SET lock_timeout = 0; REFRESH MATERIALIZED VIEW "
                               + QByteArray(view == "topmost" ? any({"", "CONCURRENTLY "}) : "") + view;
        m_story << QStringLiteral("behind a lock of %1: %2").arg(QString::fromUtf8(gate), QString::fromUtf8(sql));
        auto slow = std::async(std::launch::async, [this, sql] {
            pg::Session session = open();
            pg::CallOptions call;
            call.deadline = 60s;
            static_cast<void>(session.execScript(sql, call));
        });
        std::this_thread::sleep_for(150ms);
        const int others = m_random.bounded(4);
        for (int other = 0; other < others; ++other) {
            if (m_random.bounded(2) == 0)
                asPsql({gate == "t2"      ? QByteArray("INSERT INTO t1 VALUES (7)")
                        : gate == "keyed" ? QByteArray("REFRESH MATERIALIZED VIEW nested")
                                          : QByteArray("INSERT INTO t1 VALUES (8)")});
            std::this_thread::sleep_for(Millis(m_random.bounded(400)));
            // What the views hold cannot be read now, but it can be looked at.
            if (m_random.bounded(2) == 0)
                tick(*m_watch);
            if (m_random.bounded(3) == 0)
                lookOnce(m_random.bounded(2) == 0 ? m_watchStore : m_lookStore, {});
        }
        static_cast<void>(holder.execScript("ROLLBACK"));
        slow.get();
    }

    void endWhatIsOpen()
    {
        endLong();
        measure();
    }

    /// Which views differ from their own queries, and since when.
    void measure()
    {
        for (const View &view : views()) {
            const QByteArray sql = "SELECT count(*), coalesce(string_agg(d::text, ' ' ORDER BY d::text), '') || "
                                   "(SELECT xmin FROM pg_class WHERE oid = '"
                                   + view.name + "'::regclass) FROM ((SELECT 1, * FROM (TABLE " + view.name
                                   + " EXCEPT ALL (" + view.query + ")) AS o) UNION ALL (SELECT 2, * FROM (("
                                   + view.query + ") EXCEPT ALL TABLE " + view.name + ") AS m)) AS d";
            const auto counted = m_truth->exec(sql);
            // A view without data, or below one, is not called fresh: it fails to be read.
            const bool differs = counted && counted->int64(0, 0) > 0;
            const QByteArray by = differs ? counted->bytes(0, 1) : QByteArray();
            Truth &truth = m_truths[view.name];
            if (!differs)
                truth = {};
            else if (truth.by != by || m_allowance > truth.allowance)
                truth = {true, by, SteadyClock::now(), m_allowance};
        }
    }

    void look(bool everyone = false)
    {
        const int who = m_random.bounded(6);
        if (everyone || who < 3)
            check(*m_watch, QStringLiteral("watch"));
        if (everyone || who == 3)
            lookOnce(m_lookStore, QStringLiteral("one-shot"));
        if (everyone || who == 4)
            lookOnce(m_watchStore, QStringLiteral("one-shot beside the watch"));
    }

    [[nodiscard]] std::unique_ptr<DatabaseTicker> ticker(const std::shared_ptr<HistoryStore> &store) const
    {
        Collectors collectors;
        collectors.push_back(std::make_unique<FreshnessCollector>(store));
        return std::make_unique<DatabaseTicker>(m_info, std::move(collectors), m_clock,
                                                QStringLiteral("tidemark-test"));
    }

    bool tick(DatabaseTicker &ticker)
    {
        const Status ticked = ticker.tick(Millis(200));
        const auto &errors = ticker.snapshot()->errors;
        if (ticked && errors.isEmpty())
            return true;
        fail(ticked ? errors.first().summary() : ticked.error().summary());
        return false;
    }

    void lookOnce(const std::shared_ptr<HistoryStore> &store, const QString &who)
    {
        const auto once = ticker(store);
        if (who.isEmpty())
            tick(*once);
        else
            check(*once, who);
    }

    void check(DatabaseTicker &ticker, const QString &who)
    {
        const auto before = SteadyClock::now();
        if (!tick(ticker))
            return;
        ++m_looks;
        m_story << QStringLiteral("-- look: ") + who;
        for (const Refreshable &row : ticker.snapshot()->freshness->refreshables) {
            const Truth &truth = m_truths[row.name.name.toUtf8()];
            const FreshnessStatus status = freshnessStatus(row, ticker.snapshot()->takenAt);
            m_calledFresh += status == FreshnessStatus::Fresh ? 1 : 0;
            m_wasFresh += truth.differs || !row.populated ? 0 : 1;
            if (status == FreshnessStatus::Fresh && truth.differs && before - truth.since > truth.allowance
                && before > m_keptTellsBy)
                fail(QStringLiteral("%1 is called fresh by the %2, and is not").arg(row.name.name, who));
        }
    }

    /// Nothing happens but refreshes: everyone must say fresh, and be right.
    void settleQuietly()
    {
        lookOnce(m_lookStore, QStringLiteral("one-shot"));
        tick(*m_watch);
        for (const View &view : views())
            asPsql({"REFRESH MATERIALIZED VIEW " + view.name});
        measure();
        std::this_thread::sleep_for(toldAtTheEnd);
        tick(*m_watch);
        tick(*m_watch);
        expectFresh(*m_watch, QStringLiteral("watch"));
        const auto once = ticker(m_lookStore);
        tick(*once);
        expectFresh(*once, QStringLiteral("one-shot"));
    }

    void expectFresh(DatabaseTicker &ticker, const QString &who)
    {
        for (const Refreshable &row : ticker.snapshot()->freshness->refreshables) {
            if (m_truths[row.name.name.toUtf8()].differs)
                fail(QStringLiteral("the schedule is wrong: %1 is not fresh").arg(row.name.name));
            const FreshnessStatus status = freshnessStatus(row, ticker.snapshot()->takenAt);
            // Before 14 a refresh to no rows, of a view without TOAST table, leaves nothing that VACUUM FULL would not.
            const bool leavesNoProof = row.lastRefresh.probable && ticker.snapshot()->capabilities.major() < 14
                                       && isEmpty(row.name);
            if (status != FreshnessStatus::Fresh && !leavesNoProof) {
                fail(QStringLiteral("quiet %1 is called %2 by the %3: %4 changes, %5 (%6, %7%8)")
                         .arg(row.name.name, toWord(status), who)
                         .arg(row.sourceChanges.value_or(-1))
                         .arg(row.notJudgedBecause, toWord(row.lastRefresh.confidence), toWord(row.lastRefresh.source),
                              row.lastRefresh.probable ? QStringLiteral(", probable") : QString()));
            }
        }
    }

    [[nodiscard]] bool isEmpty(const pg::QualifiedName &view)
    {
        const auto found = m_truth->exec("SELECT EXISTS (SELECT FROM " + view.quoted().toUtf8() + ")");
        return found && !found->boolean(0, 0);
    }

    void fail(const QString &what)
    {
        m_failures << QStringLiteral("seed %1: %2; after:\n    %3")
                          .arg(m_seed)
                          .arg(what, m_story.join(QStringLiteral("\n    ")));
    }

    const quint32 m_seed;
    QRandomGenerator m_random;
    const pg::ConnInfo m_info;
    SystemClock m_clock;
    std::shared_ptr<HistoryStore> m_watchStore;
    std::shared_ptr<HistoryStore> m_lookStore;
    std::optional<pg::Session> m_truth;
    std::optional<pg::Session> m_kept;
    std::optional<pg::Session> m_long;
    std::unique_ptr<DatabaseTicker> m_watch;
    std::map<QByteArray, Truth> m_truths;
    Millis m_allowance{0};
    SteadyClock::time_point m_keptTellsBy; ///< until then the session that stays may hold changes back
    QStringList m_story;
    QStringList m_failures;
    int m_looks = 0;
    int m_calledFresh = 0;
    int m_wasFresh = 0;
};

} // namespace

/// Random schedules of writes, refreshes and looks, several databases at a time: no look calls a view fresh whose content
/// differs from its query, apart from what the server has not been told of yet, and a quiet view is called fresh.
/// TIDEMARK_TRUTH_SEED replays one schedule (as far as the server's own timing lets it), TIDEMARK_TRUTH_SCHEDULES and
/// TIDEMARK_TRUTH_SERVER say how many, and on which server.
class TstFreshnessSchedules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void noLookCallsFreshWhatIsNot()
    {
        const QString server = qEnvironmentVariable("TIDEMARK_TRUTH_SERVER", QStringLiteral("15"));
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        const bool replays = qEnvironmentVariableIsSet("TIDEMARK_TRUTH_SEED");
        const int wanted = replays ? 1 : qEnvironmentVariable("TIDEMARK_TRUTH_SCHEDULES", QStringLiteral("8")).toInt();
        constexpr int atATime = 8;
        int looks = 0;
        int calledFresh = 0;
        int wasFresh = 0;
        QStringList failures;
        for (int done = 0; done < wanted; done += atATime) {
            std::deque<TestDatabase> databases;
            std::deque<Schedule> schedules;
            std::vector<std::future<void>> running;
            for (int i = done; i < std::min(wanted, done + atATime); ++i) {
                // The first has found a fault once: what was kept of a refresh was without its counters for a tick.
                const quint32 seed = replays  ? qEnvironmentVariable("TIDEMARK_TRUTH_SEED").toUInt()
                                     : i == 0 ? 547'821'168U
                                              : QRandomGenerator::global()->generate();
                qInfo("seed %u", seed);
                databases.emplace_back(server);
                schedules.emplace_back(seed, databases.back().conn());
            }
            for (Schedule &schedule : schedules)
                running.push_back(std::async(std::launch::async, [&schedule] { schedule.run(); }));
            for (auto &one : running)
                one.get();
            for (const Schedule &schedule : schedules) {
                failures << schedule.failures();
                looks += schedule.looks();
                calledFresh += schedule.calledFresh();
                wasFresh += schedule.wasFresh();
            }
        }
        qInfo("%d looks; fresh in truth %d times, called so %d times", looks, wasFresh, calledFresh);
        for (const QString &failure : std::as_const(failures))
            qWarning("%s", qPrintable(failure));
        QVERIFY2(failures.isEmpty(), qPrintable(QString::number(failures.size()) + QStringLiteral(" failures")));
        QVERIFY(calledFresh > 0);
    }
};

QTEST_GUILESS_MAIN(TstFreshnessSchedules)
#include "tst_freshnessschedules.moc"
