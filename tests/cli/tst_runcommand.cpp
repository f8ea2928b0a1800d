// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/plan.h"
#include "tests/support/program.h"
#include "tests/support/testserver.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>

using namespace tidemark;
using namespace tidemark::test;

/// Runs, driven by the program as a person or a script would, and killed as the kernel would.
class TstRunCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE TABLE t (step int)");
    }

    void cleanup() { m_database.reset(); }

    void aPlanIsShownConfirmedRunAndUndone()
    {
        const QString file = write(inserts(3, 0));
        Ran ran = ctl({QStringLiteral("run"), file});
        QCOMPARE(ran.exitCode, 6); // nobody is there to say yes
        QVERIFY2(ran.err.contains(QLatin1String("--yes")), qPrintable(ran.err));
        QVERIFY(ran.err.contains(QLatin1String("INSERT INTO public.t VALUES (3)"))); // all that would run was shown
        QCOMPARE(m_database->value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));

        ran = ctl({QStringLiteral("run"), file, QStringLiteral("--yes"), QStringLiteral("--set"),
                   QStringLiteral("workers=3")});
        QVERIFY2(ran.exitCode == 0, qPrintable(ran.err));
        QCOMPARE(ran.out, QStringLiteral("run 1: succeeded\n"));
        QCOMPARE(content(), QStringLiteral("1,2,3"));

        ran = ctl({QStringLiteral("runs"), QStringLiteral("--json")});
        const QJsonObject run = ran.json().value(QStringLiteral("runs")).toArray().at(0).toObject();
        QCOMPARE(run.value(QStringLiteral("state")).toString(), QStringLiteral("succeeded"));
        QCOMPARE(run.value(QStringLiteral("steps_done")).toInt(), 3);
        ran = ctl({QStringLiteral("show"), QStringLiteral("1")});
        QVERIFY2(ran.out.contains(QLatin1String("insert 3")), qPrintable(ran.out));

        ran = ctl({QStringLiteral("undo"), QStringLiteral("1"), QStringLiteral("--yes")});
        QVERIFY2(ran.exitCode == 0, qPrintable(ran.err));
        QCOMPARE(content(), QString());
        ran = ctl({QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--yes")});
        QCOMPARE(ran.exitCode, 2);
        QVERIFY2(ran.err.contains(QLatin1String("run 1 is undone")), qPrintable(ran.err));

        ran = ctl({QStringLiteral("toolkit"), QStringLiteral("uninstall"), QStringLiteral("--yes")});
        QVERIFY2(ran.exitCode == 0, qPrintable(ran.err));
        QCOMPARE(m_database->value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));
    }

    void theReportIsTheWholeEvidenceAndCanBeSignedOff()
    {
        Plan plan = inserts(2, 0);
        plan.title = QStringLiteral("Put <two> rows & {body} into \"t\"");
        QVERIFY(ctl({QStringLiteral("run"), write(plan), QStringLiteral("--yes")}).exitCode == 0);
        const auto evidence = [this] {
            return ctl({QStringLiteral("report"), QStringLiteral("1"), QStringLiteral("--json")}).json();
        };
        const QJsonObject first = evidence();
        QCOMPARE(first.value(QStringLiteral("plan"))[QStringLiteral("fingerprint")].toString(), plan.fingerprint());
        QCOMPARE(evidence(), first); // the digest with it
        // Whoever has the evidence can check the digest.
        QJsonObject without = first;
        without.remove(QStringLiteral("digest"));
        QCOMPARE(QString::fromLatin1(QCryptographicHash::hash(QJsonDocument(without).toJson(QJsonDocument::Compact),
                                                              QCryptographicHash::Sha256)
                                         .toHex()),
                 first.value(QStringLiteral("digest")).toString());

        const QString html = m_folder.filePath(QStringLiteral("report.html"));
        const QString pdf = m_folder.filePath(QStringLiteral("report.pdf"));
        const Ran made = ctl({QStringLiteral("report"), QStringLiteral("1"), QStringLiteral("--sign"),
                              QStringLiteral("seen <by> two"), QStringLiteral("--html"), html, QStringLiteral("--pdf"),
                              pdf});
        QVERIFY2(made.exitCode == 0, qPrintable(made.err));
        const QString page = textOf(html);
        QCOMPARE(page.count(QLatin1String("<h1>Put &lt;two&gt; rows &amp; {body} into &quot;t&quot;</h1>")), 1);
        QVERIFY(page.contains(QLatin1String("<pre>INSERT INTO public.t VALUES (2);</pre>")));
        QVERIFY(page.contains(QLatin1String(": seen &lt;by&gt; two")));
        const QString digest = evidence().value(QStringLiteral("digest")).toString();
        QVERIFY(digest != first.value(QStringLiteral("digest")).toString());
        QVERIFY(page.contains(digest));
        QVERIFY(textOf(pdf).startsWith(QLatin1String("%PDF-")));

        const Ran nowhere = ctl({QStringLiteral("report"), QStringLiteral("1"), QStringLiteral("--pdf"),
                                 QStringLiteral("/no/such/folder/report.pdf")});
        QCOMPARE(nowhere.exitCode, 1);
        QVERIFY2(nowhere.err.contains(QLatin1String("/no/such/folder/report.pdf")), qPrintable(nowhere.err));
        QCOMPARE(ctl({QStringLiteral("report"), QStringLiteral("1")}).exitCode, 2);
    }

    void killedAtAnyMomentItGoesOnAndDoesNothingTwice()
    {
        const quint32 seed = seedOf();
        QRandomGenerator random(seed);
        qInfo("seed %u", seed);
        QVERIFY(start(QStringList{QStringLiteral("run"), write(inserts(12, 50)), QStringLiteral("--yes")}, random));
        int kills = 1;
        while (!start({QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--yes")}, random, kills))
            ++kills;
        qInfo("killed %d times forwards", kills);
        QCOMPARE(content(), QStringLiteral("1,2,3,4,5,6,7,8,9,10,11,12"));

        kills = 0;
        while (!start({QStringLiteral("undo"), QStringLiteral("1"), QStringLiteral("--yes")}, random, kills))
            ++kills;
        qInfo("killed %d times backwards", kills);
        QCOMPARE(content(), QString());
    }

    void whatIsNotThereOrMakesNoSenseIsSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("says");
        const auto words = [](const char *text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
        QTest::newRow("no file") << words("run /no/such/plan.json") << 1 << QStringLiteral("/no/such/plan.json");
        QTest::newRow("no argument") << words("run") << 2 << QStringLiteral("give the file of one plan");
        QTest::newRow("no run") << words("resume 7 --yes") << 1 << QStringLiteral("there is no run 7");
        QTest::newRow("no number") << words("show seven") << 2 << QStringLiteral("give the number of one run");
        QTest::newRow("no setting") << words("retune 7 speed=9") << 2 << QStringLiteral("no setting “speed”");
        QTest::newRow("no part") << words("toolkit install engine --yes") << 2 << QStringLiteral("no part “engine”");
    }
    void whatIsNotThereOrMakesNoSenseIsSaid()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, exitCode);
        QFETCH(QString, says);
        const Ran ran = ctl(arguments);
        QVERIFY2(ran.err.contains(says), qPrintable(ran.err));
        QCOMPARE(ran.exitCode, exitCode);
    }

private:
    static quint32 seedOf()
    {
        bool given = false;
        const uint seed = qEnvironmentVariable("TIDEMARK_TEST_SEED").toUInt(&given);
        return given ? seed : QRandomGenerator::global()->generate();
    }

    [[nodiscard]] QStringList withDatabase(const QStringList &arguments) const
    {
        return QStringList{QStringLiteral("-d"), m_database->conn().withoutPassword()} + arguments;
    }

    Ran ctl(const QStringList &arguments) { return runCtl(withDatabase(arguments)); }

    /// Starts it and kills it after a moment; true when it had ended well before. The first run of a plan counts as
    /// started once its run is there. Patience grows with the kills, so that a slow machine gets through too.
    bool start(const QStringList &arguments, QRandomGenerator &random, int kills = 0)
    {
        QProcess process;
        process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"), withDatabase(arguments));
        if (arguments.front() == QLatin1String("run")) {
            while (m_database->value("SELECT to_regclass('tidemark.run_event') IS NOT NULL") != QLatin1String("t")
                   || m_database->value("SELECT count(*) FROM tidemark.run") == QLatin1String("0"))
                QTest::qWait(5);
            process.waitForFinished(static_cast<int>(random.bounded(300)));
            process.kill();
            process.waitForFinished();
            return true;
        }
        if (!process.waitForFinished(static_cast<int>(100 * kills + random.bounded(500)))) {
            process.kill();
            process.waitForFinished();
            // It may have been done already, and on its way out.
            const QString done = arguments.front() == QLatin1String("undo") ? QStringLiteral("undone")
                                                                            : QStringLiteral("succeeded");
            return m_database->value("SELECT state FROM tidemark.run") == done;
        }
        // An earlier driver's backend may still be there for a moment: it then says so, and that is no failure.
        return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    }

    /// A step a row; each takes that long.
    Plan inserts(int count, int millis)
    {
        Plan plan;
        plan.kind = QStringLiteral("sql");
        plan.title = QStringLiteral("rows");
        pg::Session session = m_database->open();
        plan.target = PlanTarget::of(pg::Capabilities::probe(session).value());
        for (int number = 1; number <= count; ++number) {
            Step step;
            step.name = QStringLiteral("insert_%1").arg(number);
            step.title = QStringLiteral("insert %1").arg(number);
            step.statements = {QStringLiteral("INSERT INTO public.t VALUES (%1)").arg(number),
                               QStringLiteral("SELECT pg_sleep(%1)").arg(millis / 1000.0)};
            step.undo = {QStringLiteral("DELETE FROM public.t WHERE step = %1").arg(number),
                         QStringLiteral("SELECT pg_sleep(%1)").arg(millis / 1000.0)};
            plan.steps.push_back(step);
        }
        return plan;
    }

    QString write(const Plan &plan)
    {
        const QString name = m_folder.filePath(QStringLiteral("plan.json"));
        QFile file(name);
        if (!file.open(QIODevice::WriteOnly))
            qFatal("cannot write %s", qPrintable(name));
        file.write(QJsonDocument(plan.toJson()).toJson());
        return name;
    }

    static QString textOf(const QString &name)
    {
        QFile file(name);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }

    QString content()
    {
        return m_database->value("SELECT coalesce(string_agg(step::text, ',' ORDER BY step), '') FROM t");
    }

    QTemporaryDir m_folder;
    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstRunCommand)
#include "tst_runcommand.moc"
