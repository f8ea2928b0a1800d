// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"
#include "tests/support/testserver.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tidemark::test;

/// What the desktop program says to words that it cannot follow: it ends, and does not wait for a window to be closed.
class TstCommandLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void wordsThatCannotBeFollowedEndIt_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("told");
        QTest::newRow("impossible folder") << QStringList{QStringLiteral("--render"), QStringLiteral("/dev/null/pages")}
                                           << 1 << QStringLiteral("Cannot make the folder /dev/null/pages");
        QTest::newRow("unknown page") << QStringList{QStringLiteral("--page"), QStringLiteral("nosuch")} << 2
                                      << QStringLiteral("overview, freshness, partitions, history, locks");
        QTest::newRow("unknown page to draw")
            << QStringList{QStringLiteral("--page"), QStringLiteral("nosuch"), QStringLiteral("--render"),
                           QStringLiteral("/dev/null/pages")}
            << 2 << QStringLiteral("nosuch");
    }
    void wordsThatCannotBeFollowedEndIt()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const int, exitCode);
        QFETCH(const QString, told);
        const QTemporaryDir folder;
        RunOptions options;
        options.environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        options.environment.insert(QStringLiteral("TIDEMARK_STORE"), folder.filePath(QStringLiteral("store.sqlite")));
        const Ran ran = runProgram(QStringLiteral(TIDEMARK_BIN_DIR "/tidemark"), arguments, options);
        QCOMPARE(ran.exitCode, exitCode);
        QVERIFY2(ran.err.contains(told), qPrintable(ran.err));
    }

    void withoutItsStoreNoPictureIsDrawn()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        const TestDatabase database;
        const QTemporaryDir folder;
        RunOptions options;
        options.environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        options.environment.insert(QStringLiteral("TIDEMARK_STORE"), QStringLiteral("/dev/null/store.sqlite"));
        const Ran ran = runProgram(QStringLiteral(TIDEMARK_BIN_DIR "/tidemark"),
                                   {QStringLiteral("--dbname"), database.conn().withoutPassword(),
                                    QStringLiteral("--render"), folder.filePath(QStringLiteral("pages"))},
                                   options);
        QCOMPARE(ran.exitCode, 1);
        QVERIFY2(ran.err.contains(QStringLiteral("the folder /dev/null of the local store cannot be made")),
                 qPrintable(ran.err));
        QCOMPARE(ran.out, QString());
    }
};

QTEST_GUILESS_MAIN(TstCommandLine)
#include "tst_commandline.moc"
