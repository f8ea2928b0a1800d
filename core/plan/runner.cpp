// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runner.h"

#include "core/base/pause.h"
#include "core/plan/driver.h"
#include "core/plan/listener.h"

namespace tidemark {

namespace {

using Steady = std::chrono::steady_clock;

constexpr Millis firstBackoff{250};
constexpr Millis longestBackoff{10'000};

bool isLostServer(const Error &error)
{
    return error.poisonsSession || error.kind == ErrorKind::Connection || error.kind == ErrorKind::InDoubt;
}

Status checkTarget(const RunDetail &run, pg::Session &session)
{
    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session));
    const PlanTarget here = PlanTarget::of(capabilities);
    if (here.isSame(run.plan.target))
        return {};
    return fail(Error::input(
        QStringLiteral("run %1 was planned for database %2 of another server (system identifier %3), "
                       "this is %4 of %5")
            .arg(run.record.id)
            .arg(run.plan.target.database, run.plan.target.systemIdentifier, here.database, here.systemIdentifier),
        QStringLiteral("A copied database brings its runs along: drop them with the toolkit there.")));
}

Status checkMayRun(const RunDetail &run, bool undo)
{
    const RunState state = run.record.state;
    if (state == RunState::Undone)
        return fail(Error::input(QStringLiteral("run %1 is undone").arg(run.record.id)));
    if (!undo && state == RunState::Succeeded)
        return fail(Error::input(QStringLiteral("run %1 has succeeded: nothing is left to do").arg(run.record.id)));
    if (undo) {
        if (const StepRecord *record = standsBehind(run.plan, run.steps)) {
            return fail(Error::input(
                QStringLiteral("run %1 cannot be undone: “%2” is done").arg(run.record.id).arg(record->title)));
        }
    }
    return {};
}

} // namespace

Runner::Runner(RunnerOptions options, Actions actions)
    : m_options(std::move(options))
    , m_actions(std::move(actions))
{
}

Result<pg::Session> Runner::openSession(qint64 id, std::stop_token stop) const
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark run %1").arg(id);
    options.readOnly = false;
    options.lockTimeout = Millis(0);
    options.statementTimeout = Millis(0);
    options.idleInTransactionTimeout = Millis(60'000);
    TIDEMARK_TRY(pg::Session session, pg::Session::open(m_options.server, options, stop));
    // A crash of the server forgets commits from the latest back: where one of ours is lost, so is all that came after it,
    // ours and others'. Driver waits for the disk before it says how the run ended.
    TIDEMARK_TRY([[maybe_unused]] const auto set, session.exec("SET synchronous_commit = off", {}, {.stop = stop}));
    return session;
}

Result<RunResult> Runner::run(qint64 id, std::stop_token detach)
{
    return drive(id, Direction::AsRecorded, std::move(detach));
}

Result<RunResult> Runner::undo(qint64 id, std::stop_token detach)
{
    return drive(id, Direction::Undo, std::move(detach));
}

Result<RunResult> Runner::drive(qint64 id, Direction direction, std::stop_token detach)
{
    const auto tell = [telling = m_telling, onEvent = m_options.onEvent](const RunEvent &event) {
        const std::lock_guard lock(*telling);
        if (onEvent)
            onEvent(event);
    };
    // What was asked for and not done before a connection broke: it counts as heard, so nobody says it again.
    Asked wish = Asked::Nothing;
    std::optional<int> word;
    std::set<qint64> heard;
    const auto attachment = [&]() -> Result<RunResult> {
        TIDEMARK_TRY(pg::Session controlSession, openSession(id, detach));
        TIDEMARK_TRY(const RunDetail before, readRun(controlSession, id, detach));
        const bool undo = direction == Direction::Undo
                          || (before.record.state == RunState::Undoing && !standsBehind(before.plan, before.steps));
        TIDEMARK_CHECK(checkMayRun(before, undo));
        TIDEMARK_CHECK(checkTarget(before, controlSession));
        TIDEMARK_TRY(const Journal journal, Journal::attach(controlSession, id, m_options.driver, detach));
        // Only now does what is read stand still.
        TIDEMARK_TRY(const RunDetail run, readRun(controlSession, id, detach));
        TIDEMARK_TRY(pg::Session session, openSession(id, detach));
        RunControl control(run.settings);
        if (wish != Asked::Nothing)
            control.ask(wish);
        if (word)
            control.proceed(*word);
        const std::stop_callback detaching(detach, [&control] { control.ask(Asked::Detach); });
        const Listener listener(std::move(controlSession), journal, control, heard, tell);
        Driver driver(
            run, journal, control, std::move(session), m_actions,
            [this, id, &control] { return openSession(id, control.stop()); }, tell);
        auto result = undo ? driver.backwards() : driver.forwards();
        if (result && control.asked() == Asked::Undo)
            direction = Direction::Undo;
        wish = result ? Asked::Nothing : control.wish();
        word = result ? std::nullopt : control.word();
        return result;
    };

    auto lostAt = Steady::now();
    Millis backoff = firstBackoff;
    for (bool attached = false;;) {
        const bool wasForwards = direction == Direction::AsRecorded;
        const auto begun = Steady::now();
        auto result = attachment();
        if (result) {
            if (wasForwards && direction == Direction::Undo)
                continue; // it was asked to turn round
            return result;
        }
        if (detach.stop_requested())
            return RunResult{RunEnd::Detached, {}};
        if (!isLostServer(result.error()))
            return result;
        // An attachment that worked for a while counts as the server having been there.
        if (Steady::now() - begun > std::chrono::seconds(5) || !attached) {
            lostAt = Steady::now();
            backoff = firstBackoff;
        }
        attached = true;
        if (Steady::now() - lostAt > m_options.reconnectFor)
            return result;
        tell({0,
              {},
              {},
              QStringLiteral("note"),
              QStringLiteral("the server is away, trying again: %1").arg(result.error().summary()),
              {}});
        if (!pauseFor(backoff, detach))
            return RunResult{RunEnd::Detached, {}};
        backoff = std::min(backoff * 2, longestBackoff);
    }
}

} // namespace tidemark
