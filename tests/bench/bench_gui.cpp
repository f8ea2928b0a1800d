// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/gui/livepaint.h"
#include "app/gui/startuptrace.h"
#include "core/pg/capabilities.h"
#include "core/store/historystore.h"
#include "tests/bench/scenes.h"
#include "tests/support/longestpause.h"
#include "tests/support/stallwatch.h"
#include "ui/pages/page.h"
#include "ui/services/monitorfeed.h"
#include "ui/widgets/datatable.h"

#include <QApplication>
#include <QFile>
#include <QMainWindow>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QTextStream>

#include <cstdlib>

// What the window costs its workstation, each figure beside its floor in the same run: how long from exec to the first live
// page painted (floor: a bare QMainWindow painted), how much memory after an hour's ticks on 10,000 partitions and 1,000
// materialized views (floor: the window that watches nothing), how long the GUI thread stalls with the Locks page open on
// 80,000 locks and 100 waiters (floor: the same). Every scenario is a process of its own, drawn offscreen.
//
// An hour's ticks are 1,800, of 2 s each. Here they follow each other as fast as the window takes them (one in 150 ms), and
// what an hour leaves in the local store stands in it from the start.

using namespace tidemark;
using namespace tidemark::bench;

namespace {

constexpr int ticksOfAnHour = 1'800;
constexpr int coldStarts = 5;

struct Memory
{
    double rss = 0; // MB of 10^6 bytes
    double pss = 0;
};

Memory memoryNow()
{
    Memory memory;
    QFile file(QStringLiteral("/proc/self/smaps_rollup"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no smaps_rollup");
    for (const QByteArray &line : file.readAll().split('\n')) {
        const double megabytes = line.simplified().split(' ').value(1).toDouble() * 1024 / 1e6;
        if (line.startsWith("Rss:"))
            memory.rss = megabytes;
        else if (line.startsWith("Pss:"))
            memory.pss = megabytes;
    }
    return memory;
}

void tell(const QString &what, double value)
{
    QTextStream(stdout) << what << '=' << value << Qt::endl;
}

void tell(const QString &what, const Memory &memory)
{
    tell(what + QStringLiteral(".rss"), memory.rss);
    tell(what + QStringLiteral(".pss"), memory.pss);
}

/// Sees every page, with the first row of its tables chosen, so that details are read and drawn.
void visit(ui::MainWindow &window, int number)
{
    ui::Page *page = window.pages()[number % window.pages().size()];
    window.showPage(page->id());
    for (ui::DataTable *table : page->tables())
        table->selectFirst();
}

int watchForAnHour(gui::Application &application)
{
    int ticks = 0;
    QObject::connect(&application.feed(), &ui::MonitorFeed::serverUpdated, &application,
                     [&](const ui::ServerSnapshotPtr &snapshot) {
                         if (snapshot->state != WatchState::Live)
                             return;
                         if (++ticks % 60 == 0)
                             visit(application.window(), ticks / 60);
                         application.feed().refreshNow();
                     });
    if (!QTest::qWaitFor([&] { return ticks > 0; }, 60'000))
        return 1;
    QTest::qWait(500);
    tell(QStringLiteral("first"), memoryNow());
    if (!QTest::qWaitFor([&] { return ticks >= ticksOfAnHour; }, 1'800'000))
        return 1;
    tell(QStringLiteral("hour"), memoryNow());
    tell(QStringLiteral("ticks"), ticks);
    return 0;
}

void tellStalls(const QString &when, test::StallWatch &stalls, test::LongestPause &pauses)
{
    tell(when + QStringLiteral(".stall"), static_cast<double>(stalls.longest().count()));
    tell(when + QStringLiteral(".work"), pauses.ms());
    stalls.reset();
    pauses.reset();
}

int watchLocks(gui::Application &application, test::StallWatch &stalls, test::LongestPause &pauses)
{
    ui::MainWindow &window = application.window();
    if (!QTest::qWaitFor([&] { return window.currentPage()->state() == ui::Page::State::Live; }, 60'000))
        return 1;
    QTest::qWait(1'000);
    tellStalls(QStringLiteral("open"), stalls, pauses);
    QTest::qWait(60'000);
    tellStalls(QStringLiteral("steady"), stalls, pauses);
    return 0;
}

/// One scenario, in this process.
int play(const QString &scenario, const QStringList &connections)
{
    gui::StartupTrace trace(false);
    gui::Options options;
    options.connections = connections;
    if (scenario == QLatin1String("locks"))
        options.page = scenario;
    test::StallWatch stalls;
    test::LongestPause pauses;
    gui::Application application(options, trace);
    must(application.start());
    application.window().resize(1280, 800);
    if (scenario == QLatin1String("memory"))
        return watchForAnHour(application);
    if (scenario == QLatin1String("locks"))
        return watchLocks(application, stalls, pauses);
    QTest::qWait(2'000);
    stalls.reset();
    pauses.reset();
    for (int page = 0; page < 5; ++page) {
        visit(application.window(), page);
        QTest::qWait(1'000);
    }
    tell(QStringLiteral("empty"), memoryNow());
    tellStalls(QStringLiteral("empty"), stalls, pauses);
    return 0;
}

/// Paints and says so, which is all that a program can do at its fastest.
class BareWindow final : public QMainWindow
{
public:
    explicit BareWindow(gui::StartupTrace &trace)
        : m_trace(trace)
    {
    }

protected:
    void paintEvent(QPaintEvent *event) override
    {
        QMainWindow::paintEvent(event);
        QTimer::singleShot(0, this, [this]() { m_trace.reached(QStringLiteral("bare window painted")); });
    }

private:
    gui::StartupTrace &m_trace;
};

QString keywordsOf(const Cluster &cluster, const char *database)
{
    const pg::ConnInfo info = cluster.connInfo();
    return QStringLiteral("host=%1 port=%2 user=postgres dbname=%3")
        .arg(info.value(QStringLiteral("host")), info.value(QStringLiteral("port")), QLatin1String(database));
}

using Figures = QMap<QString, double>;

class Scenarios
{
public:
    explicit Scenarios(QTextStream &out)
        : m_out(out)
    {
    }

    /// Runs it to its end; what it told, by name.
    Figures run(const QString &scenario, const QString &connection, const QString &store)
    {
        QProcess process;
        prepare(process, store);
        process.start(QCoreApplication::applicationFilePath(), {scenario, connection});
        if (!process.waitForFinished(2'400'000) || process.exitCode() != 0)
            qFatal("%s failed", qUtf8Printable(scenario));
        Figures figures;
        for (const QByteArray &line : process.readAllStandardOutput().split('\n')) {
            if (const qsizetype equals = line.indexOf('='); equals > 0)
                figures.insert(QString::fromUtf8(line.left(equals)), line.mid(equals + 1).toDouble());
        }
        return figures;
    }

    /// The median of some starts until the program tells that stage on stderr, in milliseconds since exec.
    double start(const QString &program, const QStringList &arguments, const QByteArray &stage)
    {
        std::vector<double> times;
        for (int i = 0; i < coldStarts; ++i) {
            const QTemporaryDir folder;
            QProcess process;
            prepare(process, folder.filePath(QStringLiteral("tidemark.sqlite")));
            process.start(program, arguments);
            QByteArray said;
            while (!said.contains(stage) && process.waitForReadyRead(30'000))
                said += process.readAll();
            process.kill();
            process.waitForFinished();
            for (const QByteArray &line : said.split('\n')) {
                if (line.endsWith(stage))
                    times.push_back(line.simplified().split(' ').value(0).toDouble());
            }
        }
        if (times.empty())
            qFatal("%s never told: %s", qUtf8Printable(program), stage.constData());
        std::sort(times.begin(), times.end());
        return times[times.size() / 2];
    }

    bool verdict(const QString &what, double value, double limit, const QString &unit)
    {
        const bool reached = value < limit;
        m_out << (reached ? "reached " : "MISSED  ") << what << ": " << value << ' ' << unit << " against " << limit
              << ' ' << unit << Qt::endl;
        m_reached = m_reached && reached;
        return reached;
    }
    [[nodiscard]] bool reached() const { return m_reached; }

private:
    static void prepare(QProcess &process, const QString &store)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("TIDEMARK_STORE"), store);
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
    }

    QTextStream &m_out;
    bool m_reached = true;
};

/// What an hour of watching leaves in the store.
void fillAnHour(const QString &path, const Cluster &cluster)
{
    auto session = open(cluster);
    const auto server = must(pg::Capabilities::probe(session, {}));
    HistoryStore history(must(LocalStore::open(path)));
    const DatabaseRef database = databaseRefOf(server);
    const Instant now = SystemClock().now();
    const Instant from = now - std::chrono::hours(1);
    std::vector<RefreshEvent> events;
    for (int tick = 0; tick < ticksOfAnHour; ++tick) {
        const Instant at = from + tick * std::chrono::seconds(2);
        if (tick % 5 == 0)
            must(history.addOverhead(server.systemIdentifier, {at, 6.0, 8'000.0, tick % 7, 2}));
        if (tick % 60 == 0)
            must(history.addSizes(database, at,
                                  {{{QStringLiteral("public"), QStringLiteral("event")}, {at, tick, tick, 1}}}));
        RefreshEvent event;
        event.name = {QStringLiteral("public"), QStringLiteral("view_%1").arg(1 + tick % 1000)};
        event.startedAt = at;
        event.finishedAt = at + std::chrono::milliseconds(300);
        event.duration = Millis(300);
        event.confidence = Confidence::Exact;
        event.source = RefreshSource::EventTrigger;
        events.push_back(event);
    }
    must(history.addRefreshes(database, events));
}

/// Changes something about every second, as a server that is used does.
std::jthread keepBusy(const Cluster &cluster)
{
    return std::jthread([&cluster](const std::stop_token &stop) {
        pg::Session session = open(cluster);
        for (int i = 1; !stop.stop_requested(); ++i) {
            bench::run(session, QStringLiteral("UPDATE public.source SET value = value + 1 WHERE id = %1; "
                                               "REFRESH MATERIALIZED VIEW public.view_%1")
                                    .arg(1 + i % 900)
                                    .toUtf8());
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
        }
    });
}

QString load()
{
    QFile file(QStringLiteral("/proc/loadavg"));
    return file.open(QIODevice::ReadOnly) ? QString::fromLatin1(file.readAll().left(14)) : QString();
}

void measureStart(Scenarios &scenarios, QTextStream &out, const QString &connection, const char *what)
{
    const QString program = QStringLiteral(TIDEMARK_PROGRAM);
    const double bare = scenarios.start(QCoreApplication::applicationFilePath(), {QStringLiteral("bare")},
                                        "bare window painted");
    const QStringList arguments{QStringLiteral("--startup-trace"), QStringLiteral("-d"), connection};
    const double shown = scenarios.start(program, arguments, "window shown");
    const double painted = scenarios.start(program, arguments, "first live page painted");
    out << "start on " << what << ", median of " << coldStarts << ": window shown " << shown
        << " ms, first live page painted " << painted << " ms; floor, a bare window painted, " << bare << " ms; ratio "
        << painted / bare << "; load " << load() << Qt::endl;
    scenarios.verdict(QStringLiteral("exec to first live page painted on %1").arg(QString::fromUtf8(what)), painted,
                      1'000, QStringLiteral("ms"));
}

void measureMemory(Scenarios &scenarios, QTextStream &out, const Cluster &cluster, const QString &connection)
{
    const QTemporaryDir folder;
    const QString store = folder.filePath(QStringLiteral("tidemark.sqlite"));
    fillAnHour(store, cluster);
    const Figures empty = scenarios.run(QStringLiteral("empty"), {}, folder.filePath(QStringLiteral("empty.sqlite")));
    const std::jthread busy = keepBusy(cluster);
    const Figures hour = scenarios.run(QStringLiteral("memory"), connection, store);
    const auto row = [&](const char *what, const Figures &figures, const QString &when) {
        out << "    " << what << ": RSS " << figures.value(when + QStringLiteral(".rss")) << " MB, PSS "
            << figures.value(when + QStringLiteral(".pss")) << " MB" << Qt::endl;
    };
    out << "memory, " << hour.value(QStringLiteral("ticks")) << " ticks with all pages visited in turn; load " << load()
        << Qt::endl;
    row("floor, watching nothing", empty, QStringLiteral("empty"));
    row("after the first tick", hour, QStringLiteral("first"));
    row("after an hour's ticks", hour, QStringLiteral("hour"));
    out << "    ratio to the floor: RSS "
        << hour.value(QStringLiteral("hour.rss")) / empty.value(QStringLiteral("empty.rss")) << ", PSS "
        << hour.value(QStringLiteral("hour.pss")) / empty.value(QStringLiteral("empty.pss")) << Qt::endl;
    scenarios.verdict(QStringLiteral("memory after an hour, RSS"), hour.value(QStringLiteral("hour.rss")), 200,
                      QStringLiteral("MB"));
}

void measureStalls(Scenarios &scenarios, QTextStream &out)
{
    test::ClusterOptions options;
    options.settings = {{QStringLiteral("max_connections"), QStringLiteral("300")},
                        {QStringLiteral("max_locks_per_transaction"), QStringLiteral("1024")}};
    test::TestCluster cluster(options);
    must(cluster.start());
    Contention contention;
    contention.queueForATable(cluster);
    auto session = open(cluster);
    waitForQueue(session, waiters);
    const QTemporaryDir folder;
    const Figures empty = scenarios.run(QStringLiteral("empty"), {}, folder.filePath(QStringLiteral("empty.sqlite")));
    const Figures locks = scenarios.run(QStringLiteral("locks"), keywordsOf(cluster, "postgres"),
                                        folder.filePath(QStringLiteral("tidemark.sqlite")));
    out << "GUI thread, Locks page open on " << holders * locksOfAHolder << " locks and " << waiters
        << " waiters for a minute; load " << load() << Qt::endl;
    const auto row = [&](const char *what, const Figures &figures, const QString &when) {
        out << "    " << what << ": longest stall " << figures.value(when + QStringLiteral(".stall"))
            << " ms, longest work at one go " << figures.value(when + QStringLiteral(".work"))
            << " ms of processor time" << Qt::endl;
    };
    row("floor, watching nothing, all pages shown", empty, QStringLiteral("empty"));
    row("starting, until the page stands", locks, QStringLiteral("open"));
    row("with the page open", locks, QStringLiteral("steady"));
    // On a busy machine the first tells of the machine, the second of the program.
    scenarios.verdict(QStringLiteral("longest stall with the page open"), locks.value(QStringLiteral("steady.stall")),
                      50, QStringLiteral("ms"));
    scenarios.verdict(QStringLiteral("longest work at one go with the page open"),
                      locks.value(QStringLiteral("steady.work")), 50, QStringLiteral("ms of processor time"));
}

int measureAll(const QStringList &wanted)
{
    QTextStream out(stdout);
    out.setRealNumberNotation(QTextStream::FixedNotation);
    out.setRealNumberPrecision(1);
    Scenarios scenarios(out);
    const auto wants = [&](const char *part) { return wanted.isEmpty() || wanted.contains(QLatin1String(part)); };
    if (wants("locks"))
        measureStalls(scenarios, out);
    if (!wants("start") && !wants("memory"))
        return scenarios.reached() ? 0 : 1;

    test::ClusterOptions options;
    options.settings = {{QStringLiteral("max_locks_per_transaction"), QStringLiteral("1024")}};
    test::TestCluster cluster(options);
    must(cluster.start());
    auto writer = open(cluster);
    if (wants("start"))
        measureStart(scenarios, out, keywordsOf(cluster, "template1"), "an empty database");
    makeLargeDatabase(writer, 10'000, 1'000);
    if (wants("start"))
        measureStart(scenarios, out, keywordsOf(cluster, "postgres"), "10,000 partitions and 1,000 materialized views");
    if (wants("memory"))
        measureMemory(scenarios, out, cluster, keywordsOf(cluster, "postgres"));
    return scenarios.reached() ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    const QString scenario = QString::fromLocal8Bit(argc > 1 ? argv[1] : "");
    if (scenario == QLatin1String("bare")) {
        gui::StartupTrace trace(true);
        const QApplication application(argc, argv);
        BareWindow window(trace);
        window.show();
        return QApplication::exec();
    }
    if (argc > 2 || scenario == QLatin1String("empty")) {
        const QApplication application(argc, argv);
        const QString connection = QString::fromLocal8Bit(argc > 2 ? argv[2] : "");
        return play(scenario, connection.isEmpty() ? QStringList() : QStringList{connection});
    }
    const QCoreApplication application(argc, argv);
    return measureAll(scenario.isEmpty() ? QStringList() : QStringList{scenario});
}
