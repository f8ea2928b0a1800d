// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"
#include "tests/support/registerscene.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>

using namespace tidemark;
using namespace tidemark::test;

/// Managed tables by the program: made, killed on the way there and back at every step, refreshed, verified.
class TstMaterializeCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
    }
    void cleanup() { m_database.reset(); }

    void killedAtEveryStepItGoesOnOrGivesTheViewsBack()
    {
        RegisterScene scene(*m_database, 30);
        QCOMPARE(ctl({QStringLiteral("toolkit"), QStringLiteral("install"), QStringLiteral("managed"),
                      QStringLiteral("--yes")}),
                 0);
        const QString plan = m_folder.filePath(QStringLiteral("plan.json"));
        QCOMPARE(ctl(QStringList{QStringLiteral("plan"), QStringLiteral("materialize")} + RegisterScene::chain()
                     + QStringList{QStringLiteral("--unlogged"), QStringLiteral("-o"), plan}),
                 0);
        const QString before = relations();
        const quint32 seed = QRandomGenerator::global()->generate() % 1'000'000;
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        int steps = 1;
        for (int step = 0; step <= steps; ++step) {
            QVERIFY(!scene.write(random).empty());
            const QByteArray id = QByteArray::number(step + 1);
            kill({QStringLiteral("run"), plan, QStringLiteral("--yes")}, [&] {
                return hasRun(id)
                       && m_database
                                  ->value("SELECT count(*) FROM tidemark.run_step WHERE run = " + id
                                          + " AND (state = 'done' AND ordinal >= " + QByteArray::number(step)
                                          + " OR state = 'waiting')")
                                  .toInt()
                              > (step == 0 ? -1 : 0);
            });
            QVERIFY(!QTest::currentTestFailed());
            steps = m_database->value("SELECT count(*) FROM tidemark.run_step WHERE run = " + id).toInt();
            if (step % 2 == 1 || step == steps) {
                kill({QStringLiteral("resume"), QString::fromLatin1(id), QStringLiteral("--yes")}, [&] {
                    return m_database->value("SELECT count(*) FROM tidemark.run_step WHERE run = " + id
                                             + " AND state = 'waiting'")
                           == QLatin1String("1");
                });
                QVERIFY(!QTest::currentTestFailed());
                QCOMPARE(scene.differing(), QString());
                QCOMPARE(m_database->value("SELECT count(*) FROM tidemark.managed_table"), QStringLiteral("5"));
            }
            const QStringList undo{QStringLiteral("undo"), QString::fromLatin1(id), QStringLiteral("--yes")};
            const auto undone = [&] {
                return m_database
                    ->value("SELECT count(*) FROM tidemark.run_step WHERE run = " + id + " AND state = 'undone'")
                    .toInt();
            };
            const auto isOver = [&] {
                return m_database->value("SELECT state FROM tidemark.run WHERE id = " + id) == QLatin1String("undone");
            };
            kill(undo, [&, wanted = random.bounded(1, step + 2)] { return undone() >= wanted || isOver(); });
            if (!isOver())
                QCOMPARE(ctl(undo), 0);
            QCOMPARE(relations(), before);
            QCOMPARE(scene.differing(), QString());
        }
        qInfo("killed after each of %d steps, there and back", steps);
    }

    void aTableIsMadeFromAProposalRefreshedByEachScopeAndVerified()
    {
        RegisterScene scene(*m_database, 30);
        const Ran proposed = run({QStringLiteral("plan"), QStringLiteral("materialize"),
                                  QStringLiteral("timeline_establishment"), QStringLiteral("--propose")});
        QCOMPARE(proposed.exitCode, 0);
        const QJsonObject view = proposed.json()[QStringLiteral("views")][0].toObject();
        QCOMPARE(view[QStringLiteral("key")].toArray(),
                 QJsonArray({QStringLiteral("unit_type"), QStringLiteral("unit_id"), QStringLiteral("valid_after")}));
        const QString indexes = QString::fromUtf8(QJsonDocument(view[QStringLiteral("indexes")].toArray()).toJson());
        for (const char *wanted : {"USING gist (pg_catalog.daterange(\\\"valid_after\\\", \\\"valid_to\\\", '(]'))",
                                   "USING gin (\\\"search\\\")", "USING btree (\\\"legal_unit_id\\\")"})
            QVERIFY2(indexes.contains(QLatin1String(wanted)), qPrintable(indexes));
        const QString spec = m_folder.filePath(QStringLiteral("spec.json"));
        QFile file(spec);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(proposed.out.toUtf8()) > 0);
        file.close();
        const QString plan = m_folder.filePath(QStringLiteral("one.json"));
        QCOMPARE(ctl({QStringLiteral("plan"), QStringLiteral("materialize"), QStringLiteral("--spec"), spec,
                      QStringLiteral("--keep-views"), QStringLiteral("--query"),
                      QStringLiteral("SELECT * FROM public.timeline_establishment WHERE unit_id = 7"),
                      QStringLiteral("-o"), plan}),
                 0);
        QCOMPARE(ctl({QStringLiteral("rehearse"), plan, QStringLiteral("--yes")}), 0);
        QCOMPARE(ctl({QStringLiteral("run"), plan, QStringLiteral("--yes")}), 0);
        const QStringList verify{QStringLiteral("managed"), QStringLiteral("verify"),
                                 QStringLiteral("timeline_establishment"), QStringLiteral("--json")};
        QVERIFY(run(verify).json()[QStringLiteral("equal")].toBool());

        m_database->exec("UPDATE establishment SET name = upper(name)");
        const Ran differs = run(verify);
        QCOMPARE(differs.exitCode, 3);
        QVERIFY(differs.json()[QStringLiteral("lacking")].toInteger() > 0);
        const auto refresh = [&](const QStringList &scope) {
            return run(QStringList{QStringLiteral("managed"), QStringLiteral("refresh"),
                                   QStringLiteral("timeline_establishment"), QStringLiteral("--json"),
                                   QStringLiteral("--yes")}
                       + scope);
        };
        QVERIFY(refresh({QStringLiteral("--key"), QStringLiteral("unit_id=7")})
                    .json()[QStringLiteral("rows_updated")]
                    .toInteger()
                > 0);
        const Ran ranged = refresh({QStringLiteral("--range"), QStringLiteral("valid_after=2000-01-01..2100-01-01")});
        QVERIFY(ranged.json()[QStringLiteral("rows_updated")].toInteger() > 0);
        QCOMPARE(ranged.json()[QStringLiteral("mode")].toString(), QStringLiteral("range"));
        const Ran full = refresh({QStringLiteral("--prove")});
        QCOMPARE(full.json()[QStringLiteral("rows_updated")].toInteger(), 0);
        QVERIFY(full.json()[QStringLiteral("proven_equal")].toBool());
        QCOMPARE(run(verify).exitCode, 0);

        const QJsonObject kept =
            run({QStringLiteral("managed"), QStringLiteral("--json")}).json()[QStringLiteral("managed")][0].toObject();
        QCOMPARE(kept[QStringLiteral("definition_name")].toString(), QStringLiteral("timeline_establishment_def"));
        QCOMPARE(kept[QStringLiteral("last_mode")].toString(), QStringLiteral("full"));
        const Ran refused = refresh({QStringLiteral("--range"), QStringLiteral("nothing=1..2")});
        QVERIFY2(refused.err.contains(QStringLiteral("has no column “nothing”")), qPrintable(refused.err));
    }

    void theAgentKeepsTheChainWithNothingButWritesToItsSources()
    {
        RegisterScene scene(*m_database, 30);
        const QString plan = m_folder.filePath(QStringLiteral("chain.json"));
        m_database->exec("DROP MATERIALIZED VIEW statistical_unit CASCADE");
        QCOMPARE(ctl(QStringList{QStringLiteral("plan"), QStringLiteral("materialize")} + RegisterScene::chain()
                     + QStringList{QStringLiteral("-o"), plan}),
                 0);
        QCOMPARE(ctl({QStringLiteral("run"), plan, QStringLiteral("--yes")}), 0);
        m_database->exec(
            "UPDATE legal_unit SET name = 'Once ' || name; DELETE FROM stat_for_unit WHERE establishment_id < 9");
        QVERIFY(!scene.differing().isEmpty());
        const Ran ran = run({QStringLiteral("refresh"), QStringLiteral("timepoints"), QStringLiteral("--cascade"),
                             QStringLiteral("--yes")});
        QVERIFY2(ran.exitCode == 0, qPrintable(ran.err));
        QCOMPARE(scene.differing(), QString());

        QStringList add{QStringLiteral("schedule"), QStringLiteral("add"), QStringLiteral("chain")};
        for (const QString &relation : RegisterScene::chain())
            add << QStringLiteral("public.") + relation;
        const Ran added = run(add
                              + QStringList{QStringLiteral("--every"), QStringLiteral("1s"),
                                            QStringLiteral("--on-change"), QStringLiteral("--yes")});
        QVERIFY2(added.exitCode == 0, qPrintable(added.err));
        QProcess agent;
        agent.setStandardInputFile(QProcess::nullDevice());
        agent.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"),
                    onDatabase({QStringLiteral("agent"), QStringLiteral("--yes"), QStringLiteral("--for"),
                                QStringLiteral("120s")}));
        QVERIFY(agent.waitForStarted());
        const quint32 seed = QRandomGenerator::global()->generate() % 1'000'000;
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        for (int round = 0; round < 5; ++round) {
            for (int write = 0; write < 4; ++write)
                QVERIFY(!scene.write(random).empty());
            QElapsedTimer limit;
            limit.start();
            while (!scene.differing().isEmpty() && limit.elapsed() < 30'000)
                QTest::qWait(100);
            QVERIFY2(scene.differing().isEmpty(), qPrintable(scene.differing()));
        }
        agent.kill();
        agent.waitForFinished();
        QCOMPARE(m_database->value("SELECT count(*) FROM tidemark.managed_refresh WHERE error IS NOT NULL"),
                 QStringLiteral("0"));
    }

private:
    [[nodiscard]] QStringList onDatabase(const QStringList &arguments) const
    {
        return QStringList{QStringLiteral("-d"), m_database->conn().withoutPassword()} + arguments;
    }
    [[nodiscard]] Ran run(const QStringList &arguments) const { return runCtl(onDatabase(arguments)); }
    [[nodiscard]] int ctl(const QStringList &arguments) const
    {
        const Ran ran = run(arguments);
        if (ran.exitCode != 0)
            qWarning("%s", qPrintable(ran.err.right(2000)));
        return ran.exitCode;
    }
    [[nodiscard]] bool hasRun(const QByteArray &id)
    {
        return m_database->value("SELECT to_regclass('tidemark.run_step') IS NOT NULL") == QLatin1String("t")
               && m_database->value("SELECT count(*) FROM tidemark.run WHERE id = " + id) == QLatin1String("1");
    }
    /// Relations with their kind, and what the views say.
    [[nodiscard]] QString relations()
    {
        return m_database->value(
            "SELECT string_agg(c.oid || ' ' || c.relname || ' ' || c.relkind::text || ' ' || "
            "coalesce(pg_get_viewdef(CASE WHEN c.relkind IN ('v', 'm') THEN c.oid END), ''), E'\\n' "
            "ORDER BY c.oid) FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace "
            "AND c.relkind IN ('r', 'v', 'm', 'i')");
    }

    template<typename Condition>
    void kill(const QStringList &arguments, Condition when)
    {
        QProcess process;
        process.setStandardInputFile(QProcess::nullDevice());
        process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"), onDatabase(arguments));
        QVERIFY(process.waitForStarted());
        QElapsedTimer limit;
        limit.start();
        while (!when() && process.state() == QProcess::Running && limit.elapsed() < 60'000)
            process.waitForFinished(2);
        process.kill();
        process.waitForFinished();
        const QByteArray told = process.readAllStandardError().right(1500);
        QVERIFY2(when(), told.constData());
    }

    std::unique_ptr<TestDatabase> m_database;
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TstMaterializeCommand)
#include "tst_materializecommand.moc"
