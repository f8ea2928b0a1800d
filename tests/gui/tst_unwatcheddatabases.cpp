// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/handmadefeed.h"
#include "ui/pages/servercard.h"

#include <QLabel>
#include <QSignalSpy>

#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;

class UnwatchedDatabasesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void databasesThatAreNotWatchedAreNamedAndCanBeChosenByKeyboard()
    {
        const test::StandingClock clock;
        ServerSnapshot snapshot = test::liveServer(QStringLiteral("prod-eu"), clock);
        ServerCard card(snapshot.name);
        card.show();
        card.update(snapshot, overviewOf(snapshot, {}, clock.at), {}, {});
        auto *label = card.findChild<QLabel *>(QStringLiteral("unwatched"));
        QVERIFY(!label->isVisible());

        for (int i = 0; i < 6; ++i)
            snapshot.unwatchedDatabases << QStringLiteral("tenant_%1").arg(i);
        card.update(snapshot, overviewOf(snapshot, {}, clock.at), {}, {});
        QVERIFY(label->isVisible());
        QVERIFY2(label->text().contains(QStringLiteral("6 databases are not watched")), qPrintable(label->text()));
        QVERIFY(label->text().contains(QStringLiteral("tenant_3 and 2 more")));
        QVERIFY(label->toolTip().contains(QStringLiteral("tenant_5")));

        QSignalSpy asked(&card, &ServerCard::databasesRequested);
        QVERIFY(QTest::qWaitForWindowActive(&card));
        label->setFocus(Qt::TabFocusReason);
        QTest::keyClick(label, Qt::Key_Tab); // to the link in it
        QTest::keyClick(label, Qt::Key_Return);
        QCOMPARE(asked.size(), 1);
    }
};

QTEST_MAIN(UnwatchedDatabasesTest)
#include "tst_unwatcheddatabases.moc"
