// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/handmadefeed.h"
#include "tests/support/standingclock.h"
#include "ui/pages/servercard.h"
#include "ui/widgets/statusbadge.h"

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

} // namespace

/// What the card of a server says when something is lost.
class ServerCardTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLostServerSaysWhyAndSinceWhen();
    void aDroppedDatabaseIsNamedWhileTheServerIsLive();

private:
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

QTEST_MAIN(ServerCardTest)
#include "tst_servercard.moc"
