// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"
#include "tests/support/testserver.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>

#include <unistd.h>

using namespace tidemark;
using namespace tidemark::test;

/// `tidemarkctl demo` as a user runs it.
class TstDemoCommand : public QObject
{
    Q_OBJECT

private:
    // Short and open to the account that the server runs as.
    const QString m_folder = QStringLiteral("/tmp/tidemark-tst-democommand-%1").arg(::getpid());
    QTemporaryDir m_home;

    [[nodiscard]] Ran ctl(const QStringList &arguments) const
    {
        RunOptions options;
        options.environment.insert(QStringLiteral("TIDEMARK_DEMO_DIR"), m_folder);
        options.timeoutMs = 300'000;
        return runCtl(QStringList{QStringLiteral("--store"), m_home.filePath(QStringLiteral("store.sqlite"))}
                          + arguments,
                      options);
    }

private Q_SLOTS:
    void initTestCase() { TIDEMARK_REQUIRE_SERVER("15"); }
    void cleanupTestCase() { static_cast<void>(ctl({QStringLiteral("demo"), QStringLiteral("down")})); }

    void wrongWordsAreAUsageError()
    {
        QCOMPARE(ctl({QStringLiteral("demo")}).exitCode, 2);
        QCOMPARE(ctl({QStringLiteral("demo"), QStringLiteral("sideways")}).exitCode, 2);
        const Ran outcome = ctl(
            {QStringLiteral("demo"), QStringLiteral("up"), QStringLiteral("--scale"), QStringLiteral("huge")});
        QCOMPARE(outcome.exitCode, 2);
        QVERIFY(outcome.err.contains(QLatin1String("small, medium or large")));
        QVERIFY(!QFileInfo::exists(m_folder));
    }

    void whereThereIsNoDemoNoneIsGone()
    {
        const Ran down = ctl({QStringLiteral("demo"), QStringLiteral("down")});
        QCOMPARE(down.exitCode, 0);
        QVERIFY2(down.err.contains(QLatin1String("There was no demo in ") + m_folder), qPrintable(down.err));
        QVERIFY(!down.err.contains(QLatin1String("is gone")));
    }

    void theFolderIsBelowTheDataHomeThatWasGiven()
    {
        QTemporaryDir home;
        const auto folder = [&](const char *variable) {
            RunOptions options;
            options.environment.remove(QStringLiteral("TIDEMARK_DEMO_DIR"));
            options.environment.remove(QStringLiteral("XDG_DATA_HOME"));
            options.environment.insert(QLatin1String(variable), home.path());
            return runCtl({QStringLiteral("--store"), QStringLiteral("none"), QStringLiteral("--json"),
                           QStringLiteral("demo"), QStringLiteral("status")},
                          options)
                .json()[QLatin1String("folder")]
                .toString();
        };
        // Root's servers run as another account: where it may not go is no place for the demo.
        const bool isRoot = ::geteuid() == 0;
        QCOMPARE(folder("XDG_DATA_HOME"),
                 isRoot ? QStringLiteral("/var/lib/tidemark/demo") : home.filePath(QStringLiteral("tidemark/demo")));
        QVERIFY(QFile::setPermissions(home.path(), QFile::permissions(home.path()) | QFile::ReadOther | QFile::ExeOther
                                                       | QFile::ReadGroup | QFile::ExeGroup));
        QCOMPARE(folder("XDG_DATA_HOME"), home.filePath(QStringLiteral("tidemark/demo")));
        QCOMPARE(folder("HOME"), home.filePath(QStringLiteral(".local/share/tidemark/demo")));
    }

    void upMakesServersProfilesAndALoad()
    {
        const Ran up = ctl({QStringLiteral("--json"), QStringLiteral("demo"), QStringLiteral("up")});
        QVERIFY2(up.exitCode == 0, qPrintable(up.err));
        const QJsonObject json = up.json();
        QCOMPARE(json[QLatin1String("version")].toInt(), 1);
        QCOMPARE(json[QLatin1String("scale")].toString(), QStringLiteral("small"));
        QCOMPARE(json[QLatin1String("servers")].toArray().size(), 2);
        QVERIFY(json[QLatin1String("load_pid")].toInt() > 0);

        const Ran look = ctl({QStringLiteral("--json"), QStringLiteral("--profile"), QStringLiteral("demo"),
                              QStringLiteral("freshness")});
        QVERIFY2(look.exitCode == 0, qPrintable(look.err));
        QVERIFY(look.json()[QLatin1String("refreshables")].toArray().size() >= 16);
        QVERIFY(!up.out.contains(QLatin1String("password")) && !look.out.contains(QLatin1String("password")));
    }

    void upAgainSaysSo()
    {
        const Ran up = ctl({QStringLiteral("demo"), QStringLiteral("up")});
        QCOMPARE(up.exitCode, 0);
        QVERIFY(up.err.contains(QLatin1String("up already")));
        QVERIFY(up.out.contains(QLatin1String("demo-two")));
    }

    void downTakesServersProfilesAndLoadAway()
    {
        const qint64 load = ctl({QStringLiteral("--json"), QStringLiteral("demo"), QStringLiteral("status")})
                                .json()[QLatin1String("load_pid")]
                                .toInt();
        QVERIFY(load > 0);
        const Ran down = ctl({QStringLiteral("demo"), QStringLiteral("down")});
        QVERIFY2(down.exitCode == 0, qPrintable(down.err));
        QVERIFY(!QFileInfo::exists(m_folder));
        QTRY_VERIFY(!QFileInfo::exists(QStringLiteral("/proc/%1").arg(load)));
        QCOMPARE(ctl({QStringLiteral("--profile"), QStringLiteral("demo"), QStringLiteral("freshness")}).exitCode, 2);
        const Ran status = ctl({QStringLiteral("--json"), QStringLiteral("demo"), QStringLiteral("status")});
        QCOMPARE(status.exitCode, 0);
        QVERIFY(!status.json()[QLatin1String("exists")].toBool(true));
    }
};

QTEST_GUILESS_MAIN(TstDemoCommand)
#include "tst_democommand.moc"
