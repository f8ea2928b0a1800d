// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/changes/rehearsal.h"

#include "core/backfill/backfillspec.h"
#include "core/stage/stagespec.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;

namespace {

const RehearsedStep &stepNamed(const Rehearsal &rehearsal, const char *name)
{
    const auto found = std::find_if(rehearsal.steps.begin(), rehearsal.steps.end(), [name](const RehearsedStep &step) {
        return step.record.name == QLatin1String(name);
    });
    if (found == rehearsal.steps.end())
        qFatal("no step %s", name);
    return *found;
}

bool hasLock(const RehearsedStep &step, const char *relation, LockMode mode)
{
    return std::any_of(step.locks.begin(), step.locks.end(), [&](const StepLock &lock) {
        return lock.relation.name == QLatin1String(relation) && lock.mode == mode;
    });
}

} // namespace

/// A plan is run on a copy, and the original does not notice.
class TstRehearsal : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec(
            "CREATE TABLE shows (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED);"
            "INSERT INTO shows (id) SELECT generate_series(1, 50);"
            "CREATE TABLE plays (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            "at timestamptz NOT NULL, show int REFERENCES shows, note text, tags text[], data jsonb);"
            "INSERT INTO plays (at, show, note, tags, data) SELECT timestamptz '2026-01-01Z' + g * interval '1 hour', "
            "g % 50 + 1, 'a;''\\b' || g, ARRAY['x', NULL, 'ä'], jsonb_build_object('n', g) "
            "FROM generate_series(1, 3000) AS g;"
            "CREATE MATERIALIZED VIEW counts AS SELECT show, count(*) FROM plays GROUP BY show; ANALYZE");
    }
    void cleanup() { m_database.reset(); }

    void aStagedMigrationIsRehearsedWithTheLocksOfEachStep();
    void aPlanThatWouldFailFailsThere();

private:
    [[nodiscard]] ScratchCopy::Wish wish(const Plan &plan) const
    {
        return {m_database->conn(), tablesOf(plan), 10'000, false};
    }
    /// Everything a rehearsal could have touched, in one text.
    [[nodiscard]] QString original() const
    {
        return m_database->value(
            "SELECT (SELECT md5(string_agg(plays::text, ',' ORDER BY id)) FROM plays) || "
            "(SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace) || "
            "(to_regnamespace('tidemark') IS NULL) || "
            "(SELECT count(*) FROM pg_database WHERE datname LIKE 'tidemark_rehearsal%')");
    }

    std::unique_ptr<TestDatabase> m_database;
};

void TstRehearsal::aStagedMigrationIsRehearsedWithTheLocksOfEachStep()
{
    const QString before = original();
    pg::Session session = m_database->open();
    stage::StageSpec spec;
    spec.table = {QStringLiteral("public"), QStringLiteral("plays")};
    spec.keyColumn = QStringLiteral("at");
    spec.step = stage::parseStep(QStringLiteral("1 month")).value();
    const auto planned = stage::planStage(session, spec);
    QVERIFY_RESULT(planned);
    QVERIFY(planned->plan);
    const auto rehearsed = rehearse(*planned->plan, wish(*planned->plan), {}, {});
    QVERIFY_RESULT(rehearsed);
    QVERIFY2(rehearsed->end == RunState::Succeeded, qPrintable(rehearsed->error));
    QVERIFY2(rehearsed->notes.contains(QStringLiteral("public.plays has 3000 rows in the copy")),
             qPrintable(rehearsed->notes.join(QLatin1Char('\n'))));
    QCOMPARE(stepNamed(*rehearsed, "copy").record.rowsDone, std::optional<qint64>(3000));

    QVERIFY(hasLock(stepNamed(*rehearsed, "capture"), "plays", LockMode::ShareRowExclusive));
    QVERIFY(hasLock(stepNamed(*rehearsed, "swap"), "plays", LockMode::AccessExclusive));
    QVERIFY(stepNamed(*rehearsed, "create").locksOnItsOwn > 0);
    for (const StepLock &lock : stepNamed(*rehearsed, "create").locks)
        QVERIFY2(lock.mode < LockMode::Share, qPrintable(lock.relation.display())); // nobody who writes would wait
    QCOMPARE(original(), before);
}

void TstRehearsal::aPlanThatWouldFailFailsThere()
{
    const QString before = original();
    pg::Session session = m_database->open();
    backfill::BackfillSpec spec;
    spec.table = {QStringLiteral("public"), QStringLiteral("plays")};
    spec.set = {{QStringLiteral("note"), QStringLiteral("(1 / (id - 1000))::text")}};
    spec.where = QStringLiteral("true");
    const auto plan = backfill::planBackfill(session, spec);
    QVERIFY_RESULT(plan);
    const auto rehearsed = rehearse(*plan, wish(*plan), {}, {});
    QVERIFY_RESULT(rehearsed);
    QCOMPARE(rehearsed->end, RunState::Failed);
    QVERIFY2(rehearsed->error.contains(QLatin1String("division by zero")), qPrintable(rehearsed->error));
    QCOMPARE(original(), before);
}

QTEST_GUILESS_MAIN(TstRehearsal)
#include "tst_rehearsal.moc"
