// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/agent.h"

#include "core/base/pause.h"
#include "core/refresh/refreshrun.h"
#include "core/schedule/sourcemark.h"

#include <QCoreApplication>
#include <QJsonArray>

#include <algorithm>

namespace tidemark::schedule {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Agent)
};

constexpr Millis firstRetry{500};
constexpr Millis lastRetry{15'000};

pg::SessionOptions sessionOptions(const QString &name)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark agent %1").arg(name);
    options.readOnly = false;
    options.lockTimeout = Millis(5'000);
    options.statementTimeout = Millis(30'000);
    return options;
}

QJsonValue momentOf(const std::optional<Instant> &at)
{
    return at ? QJsonValue(toIso8601(*at)) : QJsonValue();
}

QJsonArray resultsOf(const refresh::RefreshPlan &plan, const refresh::RefreshLook &look)
{
    QJsonArray results;
    for (std::size_t place = 0; place < look.items.size(); ++place) {
        const refresh::RefreshItem &item = plan.items[place];
        const refresh::RefreshStanding &standing = look.items[place];
        const refresh::RefreshOutcome &outcome = standing.outcome;
        results.append(QJsonObject{
            {QStringLiteral("schema"), item.name.schema},
            {QStringLiteral("name"), item.name.name},
            {QStringLiteral("result"), refresh::toWord(standing.state)},
            {QStringLiteral("started_at"), momentOf(outcome.startedAt)},
            {QStringLiteral("finished_at"), momentOf(outcome.finishedAt)},
            {QStringLiteral("duration_ms"),
             outcome.took ? QJsonValue(static_cast<qint64>(outcome.took->count())) : QJsonValue()},
            {QStringLiteral("waited_ms"), static_cast<qint64>(outcome.waited.count())},
            {QStringLiteral("rows"), outcome.written ? QJsonValue(*outcome.written) : QJsonValue()},
            {QStringLiteral("error"), standing.text.isEmpty() || standing.state == refresh::ItemState::Succeeded
                                          ? QJsonValue()
                                          : QJsonValue(standing.text)},
        });
    }
    return results;
}

/// The first that was not refreshed, and how many more.
QString errorOf(const refresh::RefreshPlan &plan, const refresh::RefreshLook &look)
{
    QString error;
    int more = -1;
    for (std::size_t place = 0; place < look.items.size(); ++place) {
        if (look.items[place].state == refresh::ItemState::Succeeded)
            continue;
        ++more;
        if (error.isEmpty())
            error = QStringLiteral("%1: %2").arg(plan.items[place].name.display(), look.items[place].text);
    }
    return more > 0 ? Words::tr("%1 (and %n more)", nullptr, more).arg(error) : error;
}

/// What the schedules bring up to date is read from these.
std::vector<pg::QualifiedName> sourcesOf(const refresh::RefreshPlan &plan)
{
    std::vector<pg::QualifiedName> sources;
    for (const refresh::RefreshItem &item : plan.items)
        sources.insert(sources.end(), item.sources.begin(), item.sources.end());
    return sources;
}

} // namespace

Agent::Agent(AgentOptions options, const Clock &clock)
    : m_options(std::move(options))
    , m_clock(clock)
{
}

Agent::~Agent() = default;

Status Agent::run(std::stop_token stop)
{
    Millis retry = firstRetry;
    while (!stop.stop_requested()) {
        auto session = pg::Session::open(m_options.server, sessionOptions(m_options.name), stop);
        Status served = session ? Status() : Status(fail(session.error()));
        if (session) {
            retry = firstRetry;
            served = serve(*session, stop);
        }
        m_servesSince.reset();
        if (stop.stop_requested())
            break;
        if (served)
            continue;
        if (served.error().kind == ErrorKind::Missing || served.error().kind == ErrorKind::Input
            || served.error().kind == ErrorKind::Authentication)
            return served;
        tell(served.error().poisonsSession ? AgentNews::Kind::Lost : AgentNews::Kind::Unreadable, {},
             served.error().summary());
        pauseFor(retry, stop);
        retry = std::min(retry * 2, lastRetry);
    }
    std::map<qint64, std::unique_ptr<Work>> works;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto &[schedule, work] : m_works)
            work->thread.request_stop();
        works.swap(m_works);
    }
    for (const auto &[schedule, work] : works)
        work->thread.join();
    // On a session of its own: the stop is not for what says how it ended.
    if (auto last = pg::Session::open(m_options.server, sessionOptions(m_options.name))) {
        for (const auto &[schedule, work] : works)
            static_cast<void>(finishRun(*last, work->run, work->mark));
    }
    return {};
}

Status Agent::takeOver(pg::Session &session, const std::stop_token &stop)
{
    bool isTold = false;
    while (!stop.stop_requested()) {
        TIDEMARK_TRY(const bool isAgent, becomeAgent(session));
        if (isAgent)
            break;
        if (!std::exchange(isTold, true)) {
            TIDEMARK_TRY(const SchedulesLook look, readSchedules(session, stop));
            tell(AgentNews::Kind::Standby, {}, Words::tr("%1 executes the schedules").arg(look.agent));
        }
        pauseFor(m_options.poll, stop);
    }
    if (stop.stop_requested())
        return {};
    TIDEMARK_CHECK(writeDownEnded(session));
    std::vector<qint64> own;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto &[schedule, work] : m_works)
            own.push_back(work->run.id);
    }
    TIDEMARK_TRY([[maybe_unused]] const qint64 left, failLeftRuns(session, own));
    TIDEMARK_CHECK(forgetOldRuns(session));
    tell(AgentNews::Kind::Connected, {}, Words::tr("executing the schedules of database %1").arg(session.database()));
    return {};
}

Status Agent::serve(pg::Session &session, const std::stop_token &stop)
{
    TIDEMARK_TRY([[maybe_unused]] const SchedulesLook look, readSchedules(session, stop)); // that there are any
    TIDEMARK_CHECK(takeOver(session, stop));
    while (!stop.stop_requested()) {
        TIDEMARK_CHECK(writeDownEnded(session));
        TIDEMARK_CHECK(beginDue(session, stop));
        awaitWork(stop);
    }
    return {};
}

Status Agent::writeDownEnded(pg::Session &session)
{
    while (true) {
        std::unique_ptr<Work> ended;
        {
            const std::lock_guard lock(m_mutex);
            const auto over = std::find_if(m_works.begin(), m_works.end(),
                                           [](const auto &work) { return work.second->isOver; });
            if (over == m_works.end())
                return {};
            TIDEMARK_CHECK(finishRun(session, over->second->run, over->second->mark));
            ended = std::move(over->second);
            m_works.erase(over);
        }
        const bool isWell = ended->run.state == RunState::Succeeded;
        tell(AgentNews::Kind::Ended, ended->run.name, isWell ? Words::tr("succeeded") : ended->run.error);
    }
}

bool Agent::isRunning(qint64 schedule) const
{
    const std::lock_guard lock(m_mutex);
    return m_works.contains(schedule);
}

Status Agent::beginDue(pg::Session &session, const std::stop_token &stop)
{
    TIDEMARK_TRY(const SchedulesLook look, readSchedules(session, stop));
    const Instant now = m_options.timeOf(look.now);
    if (!m_servesSince)
        m_servesSince = now;
    if (look.pause)
        return {};
    struct Candidate
    {
        const ScheduleLook *look;
        DueRun due;
    };
    std::vector<Candidate> due;
    TIDEMARK_CHECK(setNextRuns(session, look));
    for (const ScheduleLook &one : look.schedules) {
        if (!one.schedule.enabled)
            continue;
        TIDEMARK_TRY(const Timetable times, Timetable::of(one.schedule.timing));
        Instant last = std::max(one.lastDue.value_or(one.schedule.since), one.schedule.since);
        if (const auto considered = m_considered.find(one.schedule.id); considered != m_considered.end())
            last = std::max(last, considered->second);
        if (auto run = times.due(last, now, one.schedule.id)) {
            // Late because of what ran before it, not because nobody was there.
            run->isLate = run->isLate && run->dueAt < *m_servesSince;
            due.push_back({&one, *run});
        }
    }
    std::stable_sort(due.begin(), due.end(), [](const Candidate &left, const Candidate &right) {
        return left.look->schedule.priority > right.look->schedule.priority;
    });
    for (const Candidate &candidate : due)
        TIDEMARK_CHECK(begin(session, *candidate.look, candidate.due));
    return {};
}

Status Agent::begin(pg::Session &session, const ScheduleLook &look, const DueRun &due)
{
    const Schedule &schedule = look.schedule;
    ScheduleRun run;
    run.schedule = schedule.id;
    run.name = schedule.name;
    run.dueAt = due.dueAt;
    run.missed = due.missed;
    run.agent = m_options.name;
    run.cause = due.isLate ? Cause::CatchUp : schedule.timing.onChange ? Cause::Change : Cause::Due;
    const auto only = [&](RunState state, AgentNews::Kind kind, const QString &why) -> Status {
        run.state = state;
        run.error = why;
        TIDEMARK_TRY(const auto claimed, claimRun(session, run));
        if (claimed)
            tell(kind, schedule.name, why);
        return {};
    };
    if (due.isLate && schedule.catchUp == CatchUp::None) {
        ++run.missed;
        return only(RunState::Missed, AgentNews::Kind::Missed,
                    Words::tr("no agent was there for %n due time(s)", nullptr, run.missed));
    }
    if (isRunning(schedule.id)) {
        if (schedule.overlap == Overlap::Wait)
            return {};
        return only(RunState::Skipped, AgentNews::Kind::Skipped, Words::tr("the run before it still goes on"));
    }
    {
        const std::lock_guard lock(m_mutex);
        const auto running = std::count_if(m_works.begin(), m_works.end(),
                                           [](const auto &work) { return !work.second->isOver; });
        if (running >= m_options.runsAtOnce)
            return {};
    }
    QString mark;
    if (schedule.timing.onChange) {
        if (const auto plan = refresh::planRefresh(session, schedule.refresh)) {
            TIDEMARK_TRY(mark, sourceMark(session, sourcesOf(*plan)));
            if (mark == schedule.mark) {
                m_considered[schedule.id] = due.dueAt;
                return {};
            }
        } else if (plan.error().poisonsSession) {
            return fail(plan.error());
        } // and what else is wrong with it is told by its run
    }
    TIDEMARK_TRY(const auto claimed, claimRun(session, run));
    if (!claimed)
        return {}; // another agent was quicker, or the schedule was removed
    run.id = *claimed;
    run.startedAt = m_clock.now();
    const std::lock_guard lock(m_mutex);
    Work &work = *m_works.emplace(schedule.id, std::make_unique<Work>()).first->second;
    work.run = run;
    work.mark = mark;
    work.thread = std::jthread(
        [this, &work, schedule](const std::stop_token &stopped) { perform(work, schedule, stopped); });
    return {};
}

void Agent::perform(Work &work, const Schedule &schedule, const std::stop_token &stop)
{
    tell(AgentNews::Kind::Begun, schedule.name, schedule.relationsText());
    QJsonArray results;
    const auto refreshed = [&]() -> Result<QString> {
        TIDEMARK_TRY(pg::Session session, pg::Session::open(m_options.server, sessionOptions(m_options.name), stop));
        TIDEMARK_TRY(refresh::RefreshPlan plan,
                     refresh::planRefresh(session, schedule.refresh, m_options.history.get(), stop));
        const QString fingerprint = plan.asPlan().fingerprint();
        // Who started the agent has confirmed what its schedules do.
        TIDEMARK_TRY(const auto needed, refresh::confirmationOf(m_options.profile, plan));
        refresh::RefreshRunOptions options;
        options.server = m_options.server;
        options.profile = m_options.profile;
        options.applicationName = sessionOptions(m_options.name).applicationName;
        options.history = m_options.history;
        refresh::RefreshRun run(std::move(plan), std::move(options), m_clock);
        TIDEMARK_TRY(const refresh::RefreshLook look,
                     run.run(fingerprint, {true, needed ? needed->typedWord : QString()}, stop));
        results = resultsOf(run.plan(), look);
        return errorOf(run.plan(), look);
    }();
    const std::lock_guard lock(m_mutex);
    work.run.results = results;
    work.run.error = refreshed ? *refreshed : refreshed.error().summary();
    work.run.state = work.run.error.isEmpty() ? RunState::Succeeded : RunState::Failed;
    if (work.run.state == RunState::Failed)
        work.mark.clear();
    work.isOver = true;
    m_changed.notify_all();
}

void Agent::awaitWork(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, stop, m_options.poll, [this] {
        return std::any_of(m_works.begin(), m_works.end(), [](const auto &work) { return work.second->isOver; });
    });
}

void Agent::tell(AgentNews::Kind kind, const QString &schedule, const QString &text)
{
    if (!m_options.onNews)
        return;
    const std::lock_guard lock(m_telling);
    m_options.onNews({kind, schedule, text});
}

} // namespace tidemark::schedule
