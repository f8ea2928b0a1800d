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
constexpr auto forgetEvery = std::chrono::hours(1);

/// Nothing that waiting mends, as long as it never worked.
bool isHopeless(const Error &error)
{
    return error.kind == ErrorKind::Missing || error.kind == ErrorKind::Input
           || error.kind == ErrorKind::Authentication;
}

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
        if (session)
            served = serve(*session, retry, stop);
        m_servesSince.reset();
        if (stop.stop_requested())
            break;
        if (served)
            continue;
        if (!m_hasServed && isHopeless(served.error()))
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
        // What this agent had begun while it was the one.
        TIDEMARK_CHECK(writeDownEnded(session));
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
    tell(AgentNews::Kind::Connected, {}, Words::tr("executing the schedules of database %1").arg(session.database()));
    return {};
}

Status Agent::serve(pg::Session &session, Millis &retry, const std::stop_token &stop)
{
    TIDEMARK_TRY([[maybe_unused]] const SchedulesLook look, readSchedules(session, stop)); // that there are any
    TIDEMARK_CHECK(takeOver(session, stop));
    while (!stop.stop_requested()) {
        TIDEMARK_CHECK(tick(session, stop));
        m_hasServed = true;
        retry = firstRetry;
        awaitWork(stop);
    }
    return {};
}

Status Agent::tick(pg::Session &session, const std::stop_token &stop)
{
    const auto now = std::chrono::steady_clock::now();
    if (now - m_forgotAt >= forgetEvery) {
        TIDEMARK_CHECK(forgetOldRuns(session));
        m_forgotAt = now;
    }
    TIDEMARK_CHECK(writeDownEnded(session));
    return beginDue(session, stop);
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
        tellUnreadable(one);
        const auto times = Timetable::of(one.schedule.timing);
        if (!times)
            continue;
        Instant last = std::max(one.lastDue.value_or(one.schedule.since), one.schedule.since);
        if (const auto considered = m_considered.find(one.schedule.id); considered != m_considered.end())
            last = std::max(last, considered->second);
        if (auto run = times->due(last, now, one.schedule.id)) {
            // Late because of what ran before it, not because nobody was there.
            run->isLate = run->isLate && run->dueAt < *m_servesSince && !one.schedule.timing.onChange;
            // That nothing changed is no run that was missed.
            if (one.schedule.timing.onChange)
                run->missed = 0;
            due.push_back({&one, *run});
        }
    }
    std::stable_sort(due.begin(), due.end(), [](const Candidate &left, const Candidate &right) {
        const int before = left.look->schedule.priority;
        const int after = right.look->schedule.priority;
        return before != after ? before > after : left.due.dueAt < right.due.dueAt;
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
    if (look.unreadable)
        return only(RunState::Failed, AgentNews::Kind::Ended, look.unreadable->summary());
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
        TIDEMARK_TRY(const bool isDue, hasChanged(session, schedule, mark));
        if (!isDue) {
            m_considered[schedule.id] = due.dueAt;
            return {};
        }
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

/// What keeps its sources from being looked at keeps it from being refreshed, or does not: its run tells.
Result<bool> Agent::hasChanged(pg::Session &session, const Schedule &schedule, QString &mark) const
{
    const auto counted = [&]() -> Result<QString> {
        TIDEMARK_TRY(const auto plan, refresh::planRefresh(session, schedule.refresh));
        return sourceMark(session, sourcesOf(plan));
    }();
    if (!counted && counted.error().poisonsSession)
        return fail(counted.error());
    mark = counted.value_or(QString());
    return mark.isEmpty() || mark != schedule.mark;
}

void Agent::tellUnreadable(const ScheduleLook &look)
{
    const QString why = look.unreadable ? look.unreadable->summary() : QString();
    if (std::exchange(m_unreadable[look.schedule.id], why) != why && !why.isEmpty())
        tell(AgentNews::Kind::Unreadable, look.schedule.name, why);
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
