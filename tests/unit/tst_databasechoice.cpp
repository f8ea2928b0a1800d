// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databasechoice.h"

#include <QTest>

using namespace tidemark;

namespace {

std::vector<ListedDatabase> listed(int count)
{
    std::vector<ListedDatabase> all;
    for (int i = 0; i < count; ++i)
        all.push_back(
            {static_cast<quint32>(16'384 + i), QStringLiteral("db%1").arg(i, 2, 10, QLatin1Char('0')), true, {}});
    return all;
}

const QStringList primary{QStringLiteral("db00")};

} // namespace

/// Which databases are watched without being named.
class TstDatabaseChoice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onlyAShareOfTheConnectionsIsTaken_data()
    {
        QTest::addColumn<ConnectionRoom>("room");
        QTest::addColumn<int>("watched");
        QTest::addColumn<QString>("because");
        const auto row = [](const char *what, const ConnectionRoom &room, int watched, const char *because) {
            QTest::newRow(what) << room << watched << QString::fromLatin1(because);
        };
        row("a big server", {497, 50, {}}, 16, "no more than 16 are watched");
        row("a usual one", {97, 10, {}}, 9, "no more than a tenth of the server's 97");
        row("a tiny one", {7, 1, {}}, 1, "no more than a tenth of the server's 7");
        row("a role with a limit", {497, 50, 4}, 2, "half of the 4 that the role may have");
        row("a role with one", {497, 50, 1}, 1, "half of the 1 that the role may have");
        row("a full server", {97, 86, {}}, 3, "less than a tenth of the server's 97 connections is free");
    }
    void onlyAShareOfTheConnectionsIsTaken()
    {
        QFETCH(const ConnectionRoom, room);
        QFETCH(const int, watched);
        QFETCH(const QString, because);
        const DatabaseChoice choice = chooseDatabases(primary, listed(30), room);
        QCOMPARE(choice.watched.size(), watched);
        QCOMPARE(choice.watched.first(), primary.first());
        QCOMPARE(choice.left.size(), 30 - watched);
        QVERIFY2(choice.because.contains(because), qPrintable(choice.because));
    }

    void aDatabaseWithFewConnectionsOfItsOwnIsLeftAlone()
    {
        auto all = listed(3);
        all[1].connectionLimit = 2;
        all[2].connectionLimit = 20;
        const DatabaseChoice choice = chooseDatabases(primary, all, ConnectionRoom{97, 10, {}});
        QCOMPARE(choice.left, QStringList{QStringLiteral("db01")});
        QVERIFY2(choice.because.contains(QLatin1String("db01 has no more than 2")), qPrintable(choice.because));
        QCOMPARE(chooseDatabases({}, {all[1]}, ConnectionRoom{97, 10, {}}).watched,
                 QStringList{QStringLiteral("db01")});
    }

    void whatRefusesTheRoleIsNoChoice()
    {
        auto all = listed(2);
        all[1].mayConnect = false;
        const DatabaseChoice choice = chooseDatabases(primary, all, std::nullopt);
        QCOMPARE(choice.watched, primary);
        QVERIFY(choice.left.isEmpty() && choice.because.isEmpty());
    }

    void whatIsWatchedStaysWhenItGetsTight()
    {
        const QStringList watched{QStringLiteral("db07"), QStringLiteral("db08"), QStringLiteral("db09")};
        const DatabaseChoice choice = chooseDatabases(watched, listed(10), ConnectionRoom{17, 16, {}});
        QCOMPARE(choice.watched, watched);
        QCOMPARE(choice.left.size(), 7);
    }
};

QTEST_GUILESS_MAIN(TstDatabaseChoice)
#include "tst_databasechoice.moc"
