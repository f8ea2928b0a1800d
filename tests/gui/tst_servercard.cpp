// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/handmadefeed.h"
#include "tests/support/standingclock.h"
#include "ui/pages/servercard.h"
#include "ui/services/theme.h"
#include "ui/widgets/statusbadge.h"

#include <QImage>
#include <QLabel>
#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

Error errorOf(ErrorKind kind, const QString &message)
{
    Error error;
    error.kind = kind;
    error.message = message;
    return error;
}

bool shows(const ServerCard &card, const QString &text)
{
    const auto labels = card.findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(),
                       [&](const QLabel *label) { return !label->isHidden() && label->text().contains(text); });
}

MetricRow *rowOf(const ServerCard &card, const QString &title)
{
    for (MetricRow *row : card.findChildren<MetricRow *>()) {
        if (row->accessibleName().startsWith(title + QLatin1Char(':')))
            return row;
    }
    return nullptr;
}

int pixelsOf(const MetricRow &row, const QColor &color)
{
    const QImage image = const_cast<MetricRow &>(row).grab().toImage();
    int found = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            found += image.pixelColor(x, y).rgb() == color.rgb() ? 1 : 0;
    }
    return found;
}

} // namespace

/// What the card of a server says when something is lost.
class ServerCardTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLostServerSaysWhyAndSinceWhen();
    void aDroppedDatabaseIsNamedWhileTheServerIsLive();
    void aLostServerShowsNothingAsWell();
    void eachFailureHasItsLine();
    void whatWatchingCostsIsHeldAgainstItsBudget();
    void theAlertsLeadToTheirList();
    void freshnessIsWordedByItsStatus();
    void theRunwayIsRedOnlyWhereItIsShort();

private:
    struct Row
    {
        QString value;
        QString sentence;
    };
    Row told(const ServerSnapshot &server, const QString &title) const
    {
        ServerCard card(server.name);
        card.update(server, overviewOf(server, {}, m_clock.at), {}, {});
        const MetricRow *row = rowOf(card, title);
        return row ? Row{row->accessibleName(), row->accessibleDescription()} : Row{};
    }
    ServerSnapshot withViews(std::vector<Refreshable> views) const
    {
        ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
        auto database = std::make_shared<DatabaseSnapshot>(*server.databases.at(QStringLiteral("plays")));
        auto freshness = std::make_shared<FreshnessSnapshot>();
        freshness->refreshables = std::move(views);
        database->freshness = freshness;
        server.databases[database->name] = database;
        return server;
    }
    ServerSnapshot withTables(std::vector<std::shared_ptr<const PartitionedTable>> tables) const
    {
        ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
        auto database = std::make_shared<DatabaseSnapshot>(*server.databases.at(QStringLiteral("plays")));
        auto partitions = std::make_shared<PartitionSnapshot>();
        partitions->tables = std::move(tables);
        database->partitions = partitions;
        server.databases[database->name] = database;
        server.shortRunway = 24h;
        return server;
    }
    test::StandingClock m_clock;
};

void ServerCardTest::aLostServerSaysWhyAndSinceWhen()
{
    ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
    ServerCard card(server.name);
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    card.updateAge(server.takenAt);
    QCOMPARE(card.findChild<StatusBadge *>()->text(), QStringLiteral("Live"));

    server.state = WatchState::Failed;
    server.error = errorOf(ErrorKind::Connection, QStringLiteral("the connection to prod:5432 was closed"));
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    card.updateAge(server.takenAt + 30s);
    QCOMPARE(card.findChild<StatusBadge *>()->text(), QStringLiteral("Lost, last read 30 s ago"));
    QVERIFY(shows(card, QStringLiteral("the connection to prod:5432 was closed")));

    server.state = WatchState::Live;
    server.error.reset();
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    card.updateAge(server.takenAt);
    QCOMPARE(card.findChild<StatusBadge *>()->text(), QStringLiteral("Live"));
    QVERIFY(!shows(card, QStringLiteral("was closed")));
}

void ServerCardTest::aDroppedDatabaseIsNamedWhileTheServerIsLive()
{
    ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
    auto gone = std::make_shared<DatabaseSnapshot>();
    gone->name = QStringLiteral("archive");
    gone->state = WatchState::Failed;
    gone->error = errorOf(ErrorKind::Missing, QStringLiteral("database \"archive\" does not exist"));
    server.databases[gone->name] = gone;
    ServerCard card(server.name);
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    card.updateAge(server.takenAt);
    QVERIFY(shows(card, QStringLiteral("database \"archive\" does not exist")));
    QCOMPARE(card.findChild<StatusBadge *>()->text(), QStringLiteral("Live"));
}

void ServerCardTest::aLostServerShowsNothingAsWell()
{
    applyTheme(*qApp, ThemeChoice::Light);
    ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
    ServerCard card(server.name);
    card.resize(700, 400);
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    MetricRow *locks = rowOf(card, QStringLiteral("Locks"));
    QVERIFY(locks);
    const QColor well = Theme::of(card.palette()).of(Severity::Ok);
    QVERIFY(pixelsOf(*locks, well) > 0);
    QCOMPARE(locks->accessibleName(), QStringLiteral("Locks: Nobody waits"));

    server.state = WatchState::Failed;
    server.error = errorOf(ErrorKind::Connection, QStringLiteral("the connection to prod:5432 was closed"));
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    for (const MetricRow *row : card.findChildren<MetricRow *>())
        QCOMPARE(pixelsOf(*row, well), 0);
    QCOMPARE(locks->accessibleName(), QStringLiteral("Locks: Nobody waits when it was last read"));
    QVERIFY(locks->isEnabled()); // what was read last can still be looked at
}

void ServerCardTest::eachFailureHasItsLine()
{
    ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
    for (const QString &name : {QStringLiteral("archive"), QStringLiteral("billing")}) {
        auto gone = std::make_shared<DatabaseSnapshot>();
        gone->name = name;
        gone->state = WatchState::Failed;
        gone->error = errorOf(ErrorKind::Missing, QStringLiteral("database \"%1\" does not exist").arg(name));
        server.databases[name] = gone;
    }
    auto partly = std::make_shared<DatabaseSnapshot>(*server.databases.at(QStringLiteral("plays")));
    partly->errors.insert(QStringLiteral("partitions"),
                          errorOf(ErrorKind::Permission, QStringLiteral("permission denied for table part_config")));
    server.databases[partly->name] = partly;
    ServerCard card(server.name);
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    QVERIFY(shows(card, QStringLiteral("database \"archive\" does not exist")));
    QVERIFY(shows(card, QStringLiteral("database \"billing\" does not exist")));
    QVERIFY(shows(card, QStringLiteral("plays, partitions: permission denied for table part_config")));
}

void ServerCardTest::whatWatchingCostsIsHeldAgainstItsBudget()
{
    ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
    server.overhead.budgetMsPerSecond = 10;
    server.overhead.serverMsPerSecond = 9;
    ServerCard card(server.name);
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    MetricRow *cost = rowOf(card, QStringLiteral("Our cost"));
    QVERIFY(cost);
    QVERIFY(!cost->accessibleDescription().contains(QStringLiteral("budget")));
    server.overhead.serverMsPerSecond = 54.5;
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    QVERIFY2(cost->accessibleDescription().contains(QStringLiteral("over the budget of 1 %")),
             qPrintable(cost->accessibleDescription()));
    // It leads nowhere, so the keyboard does not stop there.
    QCOMPARE(cost->focusPolicy(), Qt::NoFocus);

    server.overhead.serverMsPerSecond = 0;
    server.overhead.firstReadMs = 48;
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    QVERIFY2(cost->accessibleDescription().contains(QStringLiteral("the first reading took 48.0 ms")),
             qPrintable(cost->accessibleDescription()));
}

void ServerCardTest::theAlertsLeadToTheirList()
{
    const ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_clock);
    ServerCard card(server.name);
    card.update(server, overviewOf(server, {}, server.takenAt), {}, {});
    std::optional<ObjectRef> asked;
    connect(&card, &ServerCard::opened, &card, [&](const QString &, const auto &object) { asked = object; });
    QTest::keyClick(rowOf(card, QStringLiteral("Alerts")), Qt::Key_Return);
    QVERIFY(asked);
    QCOMPARE(asked->kind, ObjectKind::Alerts);
    QCOMPARE(asked->server, server.name);
}

void ServerCardTest::freshnessIsWordedByItsStatus()
{
    const auto view = [this](const char *name, Millis age, std::optional<Millis> target) {
        Refreshable row;
        row.name = {QStringLiteral("public"), QLatin1String(name)};
        row.oid = static_cast<quint32>(qHash(row.name.name) | 1U);
        row.lastRefresh = {Confidence::Exact, RefreshSource::OwnRun, m_clock.at - age, std::nullopt, false};
        row.target = target;
        if (target)
            row.sourceChanges = 0;
        return row;
    };
    const Refreshable old = view("views_by_day", 11min, 1h);
    // Nothing judges it; it is the worst by that, and by far not the oldest.
    const Refreshable unjudged = view("rollup_5m", 3s, {});
    QCOMPARE(freshnessStatus(unjudged, m_clock.at), FreshnessStatus::Unknown);
    QCOMPARE(told(withViews({old, unjudged}), QStringLiteral("Freshness")).sentence,
             QStringLiteral("unknown: public.rollup_5m, 3 s ago"));
    QCOMPARE(told(withViews({old, view("rollup_5m", 3s, 1h)}), QStringLiteral("Freshness")).sentence,
             QStringLiteral("oldest: public.views_by_day, 11 min ago"));
    QCOMPARE(told(withViews({old, view("late", 47min, 30min)}), QStringLiteral("Freshness")).sentence,
             QStringLiteral("breached: public.late, 47 min ago"));
}

void ServerCardTest::theRunwayIsRedOnlyWhereItIsShort()
{
    applyTheme(*qApp, ThemeChoice::Light);
    const auto table = [](const char *name, std::optional<Instant> until) {
        auto result = std::make_shared<PartitionedTable>();
        result->name = {QStringLiteral("public"), QLatin1String(name)};
        result->oid = static_cast<quint32>(qHash(result->name.name) | 1U);
        result->runsOut = true;
        result->runwayUntil = until;
        return result;
    };
    const auto ample = table("events", m_clock.at + 56h);
    auto broken = table("readings", m_clock.at + 300h);
    broken->detachPending = true;
    const QString title = QStringLiteral("Partitions");
    const Row repair = told(withTables({ample, broken}), title);
    QCOMPARE(repair.value, QStringLiteral("Partitions: Needs repair: public.readings"));
    QVERIFY2(repair.sentence.startsWith(QStringLiteral("Runway 2 d 08 h, public.events first")),
             qPrintable(repair.sentence));
    const Row shortly = told(withTables({ample, table("ticks", m_clock.at + 2h)}), title);
    QCOMPARE(shortly.value, QStringLiteral("Partitions: Runway 2 h"));
    QVERIFY2(shortly.sentence.startsWith(QStringLiteral("public.ticks first")), qPrintable(shortly.sentence));
    QCOMPARE(told(withTables({ample}), title).value, QStringLiteral("Partitions: Runway 2 d 08 h"));
    // One that has no partition at all has run out, and no runway tells of it.
    QCOMPARE(told(withTables({ample, table("bare", std::nullopt)}), title).value,
             QStringLiteral("Partitions: Ran out: public.bare"));
    QCOMPARE(told(withTables({ample, table("gone", m_clock.at - 2h)}), title).value,
             QStringLiteral("Partitions: Ran out 2 h ago"));
}

QTEST_MAIN(ServerCardTest)
#include "tst_servercard.moc"
