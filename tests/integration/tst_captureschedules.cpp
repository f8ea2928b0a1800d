// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturesql.h"
#include "core/pg/transaction.h"
#include "tests/support/capturescene.h"
#include "tests/support/randomwriter.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;
using pg::QualifiedName;
using Key = RandomTable::Key;

namespace {

constexpr int writers = 3;
constexpr int turns = 80;

/// A writer or driver that meets a lock goes on with something else, so that one thread can play them all and a schedule
/// depends on its seed alone.
pg::SessionOptions impatient()
{
    pg::SessionOptions options = writable();
    options.lockTimeout = Millis(2);
    return options;
}

bool mayPass(const Error &error)
{
    return error.kind == ErrorKind::LockTimeout || error.kind == ErrorKind::Conflict;
}

/// One life of a capture: enabled while writers are under way, copy by pages (some of them in transactions that began
/// earlier), purge, indexes, reconcile, looks under the lock in between, the driver's session lost at any time.
class Schedule
{
public:
    Schedule(TestDatabase &database, std::vector<pg::Session> &sessions, quint32 seed, bool mirrors)
        : m_database(database)
        , m_sessions(sessions)
        , m_random(seed)
        , m_scene(database, {QStringLiteral("public"), QStringLiteral("source")},
                  {QStringLiteral("public"), QStringLiteral("target")}, impatient())
        , m_mirrors(mirrors)
    {
    }

    /// Empty where source and target are the same at the end.
    QString play(int serverVersion);
    [[nodiscard]] QString story() const { return m_journal.join(QLatin1Char('\n')); }
    [[nodiscard]] int looks() const { return m_looks; }
    [[nodiscard]] int mirrorings() const { return m_mirrorings; }
    [[nodiscard]] qint64 reconciled() const { return m_reconciled; }

private:
    enum class Phase { Install, Copy, Purge, Index, Follow };

    void chooseTable(int serverVersion);
    void makeTarget();
    void drive();
    void follow();
    bool enable();
    void copySome();
    void index();
    void reconcileSome();
    void look();
    void note(const QString &what) { m_journal << QStringLiteral("driver: ") + what; }
    /// True where it succeeded; false where it may the next time; anything else ends the schedule.
    bool passed(const Status &status, const char *doing);
    bool isOver() const { return !m_wrong.isEmpty() || m_scene.failed(); }

    TestDatabase &m_database;
    std::vector<pg::Session> &m_sessions;
    QRandomGenerator m_random;
    CaptureScene m_scene;
    bool m_mirrors;
    RandomTable m_table;
    bool m_partitionedTarget = false;
    bool m_keyWithPartition = false;
    std::vector<RandomWriter> m_writers;
    QStringList m_journal;
    Phase m_phase = Phase::Install;
    bool m_isPrepared = false;
    std::optional<qint64> m_pages;
    qint64 m_nextPage = 0;
    std::optional<pg::Session> m_copier; ///< in a transaction that began a while ago
    QString m_wrong;
    int m_looks = 0;
    qint64 m_reconciled = 0;
    int m_mirrorings = 0;
};

void Schedule::chooseTable(int serverVersion)
{
    static const QList<Key> keys{Key::Bigint,    Key::Bigint,        Key::Composite, Key::Uuid,
                                 Key::LooseText, Key::DomainAndEnum, Key::Numeric,   Key::Citext};
    m_table.key = keys.at(m_random.bounded(keys.size()));
    m_table.isPartitioned = m_random.bounded(4) == 0;
    m_table.hasMerge = serverVersion >= 150000;
    m_partitionedTarget = !m_table.isPartitioned && m_random.bounded(2) == 0;
    m_keyWithPartition = m_partitionedTarget && m_random.bounded(2) == 0;
    m_table.tsMayBeNull = !m_table.isPartitioned && !m_keyWithPartition && m_random.bounded(3) == 0;
    m_scene.spec().truncateTarget = m_random.bounded(2) == 0;
}

QString Schedule::play(int serverVersion)
{
    chooseTable(serverVersion);
    m_database.exec("DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS tidemark CASCADE; CREATE SCHEMA public;"
                    "GRANT ALL ON SCHEMA public TO PUBLIC; CREATE SCHEMA tidemark");
    m_database.exec(m_table.create(m_random.bounded(20, 60)));
    makeTarget();
    for (pg::Session &session : m_sessions)
        m_writers.emplace_back(session, m_table, m_random, m_journal);

    for (int turn = 0; turn < turns && !isOver(); ++turn) {
        if (m_random.bounded(3) > 0)
            m_writers[static_cast<std::size_t>(m_random.bounded(writers))].act();
        else
            drive();
    }
    for (RandomWriter &writer : m_writers)
        writer.finish();
    // Nobody is in the way now.
    for (int left = 0; left < 100 && m_phase != Phase::Follow && !isOver(); ++left)
        drive();
    if (m_phase != Phase::Follow && !isOver())
        return QStringLiteral("the capture does not get to its end");
    if (!isOver())
        look();
    if (m_wrong.isEmpty() && m_scene.failed())
        m_wrong = QStringLiteral("a step failed");
    return m_wrong;
}

void Schedule::makeTarget()
{
    const bool isIdentity = m_table.key == Key::Bigint;
    QByteArray sql = "CREATE TABLE public.target (LIKE public.source INCLUDING GENERATED INCLUDING DEFAULTS)";
    if (m_partitionedTarget)
        sql +=
            " PARTITION BY RANGE (ts);"
            "CREATE TABLE public.target_1 PARTITION OF public.target FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');"
            "CREATE TABLE public.target_2 PARTITION OF public.target FOR VALUES FROM ('2026-02-01Z') TO ('2026-03-01Z');"
            "CREATE TABLE public.target_rest PARTITION OF public.target DEFAULT";
    if (isIdentity)
        sql += "; ALTER TABLE public.target ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY";
    m_database.exec(sql);
}

bool Schedule::passed(const Status &status, const char *doing)
{
    if (status)
        return true;
    note(QString::fromLatin1(doing) + QStringLiteral("  -- ") + status.error().summary());
    if (!mayPass(status.error()))
        m_wrong = QString::fromUtf8(doing) + QStringLiteral(": ") + QString::fromUtf8(describe(status.error()));
    return false;
}

void Schedule::drive()
{
    if (m_phase != Phase::Install && m_pages && m_random.bounded(12) == 0) {
        note(QStringLiteral("its session is terminated"));
        m_database.exec("SELECT pg_terminate_backend(" + QByteArray::number(m_scene.driver().backendPid()) + ")");
    }
    switch (m_phase) {
    case Phase::Install:
        if (!enable())
            break;
        if (m_table.isPartitioned)
            follow();
        else
            m_phase = Phase::Copy;
        break;
    case Phase::Copy:
        copySome();
        break;
    case Phase::Purge: {
        note(QStringLiteral("purge"));
        const Status purged = m_scene.tryRun(capturesql::purge(m_scene.capture(), m_scene.spec().target));
        if (!purged && purged.error().poisonsSession)
            break;
        if (passed(purged, "purge"))
            m_phase = Phase::Index;
        break;
    }
    case Phase::Index:
        index();
        follow();
        break;
    case Phase::Follow:
        if (m_random.bounded(6) == 0)
            look();
        else
            reconcileSome();
        break;
    }
}

void Schedule::follow()
{
    m_phase = Phase::Follow;
    if (!m_mirrors)
        return;
    note(QStringLiteral("mirror"));
    m_scene.spec().skipEqual = true;
    const Status started = m_scene.tryRun(
        capturesql::startMirror(m_scene.capture(), {m_scene.spec().target, m_scene.spec().columns}));
    if (!started) // its session was terminated: the capture goes on without
        note(started.error().summary());
    else
        ++m_mirrorings;
}

bool Schedule::enable()
{
    if (!m_isPrepared) {
        QStringList key;
        if (m_keyWithPartition)
            key = m_table.keyColumns() << QStringLiteral("ts");
        m_scene.prepare(key, m_random.bounded(3) == 0 ? std::optional(CaptureFlavour::Row) : std::nullopt);
        m_isPrepared = true;
    }
    note(QStringLiteral("enable"));
    QStringList statements = capturesql::enable(m_scene.capture());
    if (m_table.isPartitioned) // as after a swap: the target starts equal, with its indexes
        statements << QStringLiteral(
                          "INSERT INTO public.target (%1) OVERRIDING SYSTEM VALUE SELECT %1 FROM public.source")
                          .arg(capturesql::columnList(m_scene.spec().columns));
    const Status enabled = m_scene.tryRun(statements);
    if (!enabled && enabled.error().poisonsSession)
        return false;
    if (!passed(enabled, "enable"))
        return false;
    m_pages = m_scene.pages();
    if (m_table.isPartitioned)
        index();
    return true;
}

void Schedule::copySome()
{
    if (m_nextPage >= *m_pages && !m_copier) {
        m_phase = Phase::Purge;
        return;
    }
    const QByteArray copyPage = m_scene.copyPages(m_nextPage, m_nextPage + 1);
    if (!m_copier && m_random.bounded(3) == 0) {
        m_copier = m_database.open(impatient());
        note(QStringLiteral("a copy takes its snapshot"));
        if (const auto begun = m_copier->execScript(
                "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM public.source LIMIT 1");
            !begun) {
            m_copier.reset();
            passed(Status(fail(begun.error())), "begin a copy");
        }
        return;
    }
    note(QStringLiteral("copy page %1").arg(m_nextPage));
    pg::Session &session = m_copier ? *m_copier : m_scene.driver();
    auto copied = session.exec(copyPage);
    if (copied && m_copier)
        copied = session.exec("COMMIT");
    m_copier.reset();
    if (!copied && copied.error().poisonsSession)
        return;
    if (passed(copied ? Status() : Status(fail(copied.error())), "copy"))
        ++m_nextPage;
}

void Schedule::index()
{
    note(QStringLiteral("index"));
    const QString columns = m_table.uniqueColumns();
    const QString ts = m_partitionedTarget ? QStringLiteral(", ts") : QString();
    QString sql = QStringLiteral("CREATE UNIQUE INDEX ON public.target (%1%2);").arg(columns, ts);
    if (!m_table.isPartitioned)
        sql += QStringLiteral("CREATE UNIQUE INDEX ON public.target (u%1);").arg(ts);
    m_database.exec(sql.toUtf8());
}

void Schedule::reconcileSome()
{
    const int entries = m_random.bounded(1, 30);
    note(QStringLiteral("reconcile %1").arg(entries));
    const auto done = m_scene.reconciler().step(entries);
    if (!done && done.error().poisonsSession)
        return;
    if (passed(done ? Status() : Status(fail(done.error())), "reconcile"))
        m_reconciled += done->entries;
}

void Schedule::look()
{
    note(QStringLiteral("lock, drain, compare"));
    const auto difference = m_scene.tryDifferenceAfterDrain();
    if (!difference && difference.error().poisonsSession)
        return;
    if (!passed(difference ? Status() : Status(fail(difference.error())), "look"))
        return;
    ++m_looks;
    m_wrong = *difference;
}

int countFromEnvironment(const char *name, int otherwise)
{
    bool isNumber = false;
    const int value = qEnvironmentVariableIntValue(name, &isNumber);
    return isNumber ? value : otherwise;
}

} // namespace

/// Hundreds of random histories, each from one seed. TIDEMARK_SCHEDULES asks for more of them, TIDEMARK_SCHEDULE_SEED for a
/// particular first one.
class TstCaptureSchedules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whateverWritersDoTheTargetEndsTheSame_data()
    {
        QTest::addColumn<QString>("server");
        QTest::addColumn<int>("schedules");
        QTest::addColumn<bool>("mirrors");
        for (const QString &server : plainServerNames()) {
            const int many = server == QLatin1String("15") ? 10 : 1;
            QTest::addRow("%s", qPrintable(server)) << server << many * 10 << false;
            QTest::addRow("%s with a mirror", qPrintable(server)) << server << many * 5 << true;
        }
    }

    void whateverWritersDoTheTargetEndsTheSame()
    {
        QFETCH(const QString, server);
        QFETCH(const int, schedules);
        QFETCH(const bool, mirrors);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        playAll(server, schedules, mirrors);
    }

private:
    static void playAll(const QString &server, int schedules, bool mirrors)
    {
        TestDatabase database(server);
        const int version = database.open().serverVersion();
        const quint32 first = static_cast<quint32>(countFromEnvironment(
            "TIDEMARK_SCHEDULE_SEED", static_cast<int>(QRandomGenerator::system()->bounded(1'000'000'000))));
        const int count = countFromEnvironment("TIDEMARK_SCHEDULES", schedules);
        qInfo("seed %u, %d schedules", first, count);
        std::vector<pg::Session> sessions;
        for (int i = 0; i < writers; ++i)
            sessions.push_back(database.open(impatient()));
        qint64 reconciled = 0;
        int looks = 0;
        int mirrorings = 0;
        for (int i = 0; i < count; ++i) {
            const quint32 seed = first + static_cast<quint32>(i);
            Schedule schedule(database, sessions, seed, mirrors);
            const QString wrong = schedule.play(version);
            if (!wrong.isEmpty()) {
                qWarning("%s", qUtf8Printable(schedule.story()));
                QFAIL(qPrintable(
                    QStringLiteral("TIDEMARK_SCHEDULE_SEED=%1 TIDEMARK_SCHEDULES=1:\n%2").arg(seed).arg(wrong)));
            }
            reconciled += schedule.reconciled();
            looks += schedule.looks();
            mirrorings += schedule.mirrorings();
        }
        qInfo("%lld entries reconciled, %d looks under the lock", static_cast<long long>(reconciled), looks);
        QVERIFY(looks >= count);
        QVERIFY(reconciled > count);
        if (mirrors)
            QVERIFY(mirrorings > count / 2);
    }
};

QTEST_GUILESS_MAIN(TstCaptureSchedules)
#include "tst_captureschedules.moc"
