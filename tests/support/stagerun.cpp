// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/stagerun.h"

#include "core/base/pause.h"
#include "core/plan/toolkit.h"
#include "core/stage/stagespec.h"
#include "tests/support/testserver.h"

namespace tidemark::test {

Driving::Driving(const TestDatabase &database, qint64 run, bool undo)
    : m_result(std::async(std::launch::async, [conn = database.conn(), run, undo, stop = m_detach.get_token()] {
        Runner runner({conn, QStringLiteral("the test"), Millis(30'000), {}}, stage::stageActions());
        return undo ? runner.undo(run, stop) : runner.run(run, stop);
    }))
{
}

Driving::~Driving()
{
    m_detach.request_stop();
}

bool Driving::hasEnded() const
{
    return m_result.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

StageRun::StageRun(const TestDatabase &database)
    : m_database(database)
{
}

pg::Session &StageRun::session()
{
    if (!m_session || !m_session->isAlive())
        m_session = m_database.open();
    return *m_session;
}

void StageRun::create(const QJsonObject &spec, const QJsonObject &settings)
{
    const auto made = [&]() -> Result<qint64> {
        TIDEMARK_TRY(const auto asked, stage::StageSpec::fromJson(spec));
        TIDEMARK_TRY(const auto planned, stage::planStage(session(), asked));
        if (!planned.plan)
            return fail(
                Error::input(planned.obstacles.front().object + QStringLiteral(": ") + planned.obstacles.front().why));
        TIDEMARK_CHECK(applyToolkit(session(), QStringLiteral("runs"), true));
        RunSettings small;
        small.chunkPages = 16;
        small.chunkTime = Millis(30);
        small.stallBudget = Millis(2'000); // the machine is shared; the figure is the benchmark's business
        TIDEMARK_TRY(const RunSettings all, RunSettings::fromJson(settings, small));
        return Journal::create(session(), *planned.plan, all);
    }();
    if (!made)
        qFatal("%s", describe(made.error()).constData());
    m_id = *made;
}

bool StageRun::isIn(const QString &step, const QString &state)
{
    const auto rows = session().exec(
        "SELECT count(*) FROM tidemark.run_step WHERE run = $1 AND name = $2 AND state = $3", {m_id, step, state});
    return rows && rows->int64(0, 0) == 1;
}

bool StageRun::waitsAt(const QString &step)
{
    return isIn(step, QStringLiteral("waiting"));
}

bool StageRun::runs(const QString &step)
{
    return isIn(step, QStringLiteral("running"));
}

Status StageRun::ask(const QString &verb)
{
    for (int attempt = 0;; ++attempt) {
        auto asked = requestOfRun(session(), m_id, verb);
        if (asked || attempt == 100)
            return asked;
        static_cast<void>(pauseFor(Millis(100), {}));
    }
}

QString StageRun::whatHappened()
{
    QStringList lines;
    const auto detail = readRun(session(), m_id);
    if (!detail)
        return detail.error().summary();
    for (const RunEvent &event : detail->events)
        lines << event.kind + QStringLiteral(": ") + event.text;
    return lines.mid(std::max<qsizetype>(0, lines.size() - 24)).join(QLatin1Char('\n'));
}

QString StageRun::leftOver(bool isUndone)
{
    const auto rows = session().exec(
        "SELECT coalesce(string_agg(what, ', '), '') FROM ("
        "  SELECT relname::text FROM pg_catalog.pg_class WHERE (relname ~ '_tidemark_|^(stage|return)_[0-9]' "
        "    AND (relname !~ '^_hyper_' OR $1)) OR (relname ~ 'plays_p2|plays_[dh]|_hyper_' AND $1)"
        "  UNION ALL SELECT tgname::text FROM pg_catalog.pg_trigger WHERE tgname LIKE 'tidemark%'"
        "  UNION ALL SELECT conname::text FROM pg_catalog.pg_constraint WHERE conname LIKE 'tidemark%'"
        "  UNION ALL SELECT proname::text FROM pg_catalog.pg_proc WHERE pronamespace = 'tidemark'::regnamespace) AS l (what)",
        {isUndone});
    return rows ? rows->text(0, 0) : rows.error().summary();
}

} // namespace tidemark::test
