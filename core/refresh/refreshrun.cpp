// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshrun.h"

#include "core/base/pause.h"
#include "core/base/words.h"
#include "core/pg/sqllibrary.h"

#include <algorithm>
#include <array>
#include <thread>

namespace tidemark::refresh {

namespace {

constexpr Millis lookInterval{500};
constexpr Millis doubtPatience{30'000};

constexpr std::array states{Word{ItemState::Open, "open"},       Word{ItemState::Waiting, "waiting"},
                            Word{ItemState::Running, "running"}, Word{ItemState::Succeeded, "succeeded"},
                            Word{ItemState::Failed, "failed"},   Word{ItemState::Skipped, "skipped"},
                            Word{ItemState::Stopped, "stopped"}};

Millis since(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - start);
}

} // namespace

QString toWord(ItemState state)
{
    return wordOf(states, state);
}

int RefreshLook::count(ItemState state) const
{
    return static_cast<int>(std::count_if(items.begin(), items.end(),
                                          [state](const RefreshStanding &item) { return item.state == state; }));
}

RefreshRun::RefreshRun(RefreshPlan plan, RefreshRunOptions options, const Clock &clock)
    : m_plan(std::move(plan))
    , m_options(std::move(options))
    , m_clock(clock)
    , m_order(m_plan.after(), m_plan.expectations())
    , m_items(m_plan.items.size())
{
}

RefreshRun::~RefreshRun() = default;

Result<pg::Session> RefreshRun::openSession(const std::stop_token &stop) const
{
    pg::SessionOptions options;
    options.applicationName = m_options.applicationName;
    options.readOnly = false;
    options.lockTimeout = m_options.patience.attempt;
    options.statementTimeout = Millis(0);
    options.idleInTransactionTimeout = Millis(60'000);
    TIDEMARK_TRY(pg::Session session, pg::Session::open(m_options.server, options, stop));
    TIDEMARK_CHECK(RefreshWork::prepare(session));
    return session;
}

Status RefreshRun::begin(const QString &fingerprint, const Confirmation &confirmation, pg::Session &session)
{
    TIDEMARK_TRY(const auto needed, confirmationOf(m_options.profile, m_plan));
    if (needed && !confirmation.given)
        return fail(Error::safety(QStringLiteral("Not done: it was not confirmed."), needed->text));
    if (needed && !needed->typedWord.isEmpty() && confirmation.typed.trimmed() != needed->typedWord) {
        return fail(Error::safety(QStringLiteral("Not done: the typed word is not \"%1\".").arg(needed->typedWord),
                                  needed->text));
    }
    if (fingerprint != m_plan.asPlan().fingerprint())
        return fail(Error::input(QStringLiteral("what is to run is not what was confirmed"),
                                 QStringLiteral("Make the plan anew and confirm that.")));
    TIDEMARK_TRY(const pg::Capabilities capabilities, pg::Capabilities::probe(session));
    if (!PlanTarget::of(capabilities).isSame(m_plan.target)) {
        return fail(Error::input(QStringLiteral("the plan is of another database: %1").arg(m_plan.target.database),
                                 QStringLiteral("Make a plan of this one.")));
    }
    m_record.emplace(m_options.profile.name, databaseRefOf(capabilities), m_options.applicationName, m_options.history,
                     m_clock);
    return {};
}

Result<RefreshLook> RefreshRun::run(const QString &fingerprint, const Confirmation &confirmation, std::stop_token stop)
{
    TIDEMARK_TRY(pg::Session first, openSession(stop));
    TIDEMARK_CHECK(begin(fingerprint, confirmation, first));
    for (const int place : m_plan.obstructed()) {
        std::unique_lock lock(m_mutex);
        item(place).standing = {ItemState::Skipped, planned(place).choice.obstacle, {}, {}, {}};
        const auto skips = m_order.failed(place);
        lock.unlock();
        tell(place);
        skip(skips);
    }
    {
        const std::jthread watcher([this](std::stop_token over) { watch(std::move(over)); });
        const int sessions = std::clamp(m_plan.spec.sessions, 1, std::max(1, m_order.open()));
        std::vector<std::jthread> workers;
        for (int worker = 1; worker < sessions; ++worker)
            workers.emplace_back([this, stop] { work(std::nullopt, stop); });
        work(std::move(first), stop);
    }
    std::vector<int> left;
    {
        const std::lock_guard lock(m_mutex);
        for (std::size_t place = 0; place < m_items.size(); ++place) {
            RefreshStanding &standing = m_items[place].standing;
            if (standing.state != ItemState::Open)
                continue;
            const bool isLost = m_lost && !stop.stop_requested();
            standing.state = isLost ? ItemState::Failed : ItemState::Stopped;
            standing.text = isLost ? m_lost->summary() : QStringLiteral("not begun");
            left.push_back(static_cast<int>(place));
        }
    }
    for (const int place : left)
        tell(place);
    return look();
}

void RefreshRun::work(std::optional<pg::Session> session, std::stop_token stop)
{
    while (const auto place = next(stop)) {
        if (!session || !session->isAlive()) {
            auto opened = openSession(stop);
            if (!opened) {
                const std::lock_guard lock(m_mutex);
                m_order.giveBack(*place);
                item(*place).standing.state = ItemState::Open;
                m_lost = opened.error();
                break;
            }
            session.emplace(std::move(*opened));
        }
        refresh(*place, *session, stop);
    }
    const std::lock_guard lock(m_mutex);
    m_changed.notify_all();
}

std::optional<int> RefreshRun::next(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    std::optional<int> place;
    m_changed.wait(lock, stop, [&] {
        if (!stop.stop_requested())
            place = m_order.take();
        return place.has_value() || m_order.isExhausted();
    });
    return place;
}

void RefreshRun::refresh(int place, pg::Session &session, const std::stop_token &stop)
{
    const RefreshItem &plannedItem = planned(place);
    {
        const std::lock_guard lock(m_mutex);
        item(place).pid = session.backendPid();
    }
    set(place, ItemState::Waiting);
    RefreshOutcome outcome;
    outcome.user = session.user();
    QString afterword;
    if (const Status begun = m_record->begin(plannedItem); !begun) {
        outcome.error = begun.error();
    } else {
        const auto waiting = [this, place](const QString &whom) {
            if (!whom.isEmpty())
                set(place, ItemState::Waiting, whom);
        };
        const auto beginning = [this, place] {
            {
                const std::lock_guard lock(m_mutex);
                item(place).began = Steady::now();
            }
            set(place, ItemState::Running);
        };
        RefreshWork::Limits limits{m_options.patience, m_plan.spec.statementTimeout};
        limits.patience.giveUp = m_plan.spec.lockPatience;
        outcome = RefreshWork(limits, waiting, beginning).perform(session, plannedItem, stop);
        if (outcome.error && outcome.error->kind == ErrorKind::InDoubt)
            settleDoubt(plannedItem, outcome, stop);
        if (plannedItem.choice.method == Method::Range) {
            const std::lock_guard lock(m_mutex);
            outcome.waited += item(place).sampledWait;
        }
        if (const Status written = m_record->end(plannedItem, outcome); !written)
            afterword = written.error().within(QStringLiteral("not written down")).summary();
    }
    end(place, std::move(outcome), afterword, stop);
}

void RefreshRun::settleDoubt(const RefreshItem &item, RefreshOutcome &outcome, const std::stop_token &stop) const
{
    if (item.kind != RefreshableKind::MaterializedView || outcome.xid == 0)
        return;
    auto session = openSession({});
    if (!session)
        return;
    const auto committed = RefreshWork::isCommitted(*session, item, outcome.xid, doubtPatience, stop);
    if (!committed)
        return;
    if (*committed)
        outcome.error.reset();
    else
        outcome.error->kind = ErrorKind::Connection;
}

void RefreshRun::end(int place, RefreshOutcome outcome, const QString &afterword, const std::stop_token &stop)
{
    const bool isStopped = outcome.error && outcome.error->kind == ErrorKind::Cancelled && stop.stop_requested();
    std::vector<RefreshOrder::Skip> skips;
    {
        const std::lock_guard lock(m_mutex);
        Item &ended = item(place);
        ended.pid = 0;
        ended.standing.filled.reset();
        ended.standing.state = isStopped       ? ItemState::Stopped
                               : outcome.error ? ItemState::Failed
                                               : ItemState::Succeeded;
        ended.standing.text = isStopped       ? QStringLiteral("cancelled")
                              : outcome.error ? outcome.error->summary()
                                              : afterword;
        ended.standing.outcome = std::move(outcome);
        if (ended.standing.state == ItemState::Succeeded)
            m_order.succeeded(place);
        else
            skips = m_order.failed(place);
        m_changed.notify_all();
    }
    tell(place);
    skip(skips);
}

void RefreshRun::skip(const std::vector<RefreshOrder::Skip> &skips)
{
    for (const RefreshOrder::Skip &skipped : skips) {
        {
            const std::lock_guard lock(m_mutex);
            const ItemState cause = item(skipped.because).standing.state;
            const QString why = cause == ItemState::Failed    ? QStringLiteral("%1, which it reads, failed")
                                : cause == ItemState::Stopped ? QStringLiteral("%1, which it reads, was stopped")
                                                              : QStringLiteral("%1, which it reads, was not refreshed");
            item(skipped.place).standing = {
                ItemState::Skipped, why.arg(planned(skipped.because).name.display()), {}, {}, {}};
        }
        tell(skipped.place);
    }
}

void RefreshRun::set(int place, ItemState state, const QString &text)
{
    {
        const std::lock_guard lock(m_mutex);
        RefreshStanding &standing = item(place).standing;
        standing.state = state;
        standing.text = text;
    }
    tell(place);
}

void RefreshRun::tell(int place)
{
    if (!m_options.onNews)
        return;
    const std::lock_guard telling(m_telling);
    RefreshNews news{place, {}};
    {
        const std::lock_guard lock(m_mutex);
        news.standing = item(place).standing;
    }
    m_options.onNews(news);
}

RefreshLook RefreshRun::look() const
{
    const std::lock_guard lock(m_mutex);
    RefreshLook look;
    std::vector<std::optional<Millis>> runningFor;
    for (const Item &item : m_items) {
        look.items.push_back(item.standing);
        if (item.standing.state == ItemState::Running)
            look.items.back().runningFor = since(item.began);
        runningFor.push_back(look.items.back().runningFor);
    }
    look.left = m_order.left(m_plan.spec.sessions, runningFor);
    return look;
}

void RefreshRun::watch(std::stop_token stop)
{
    std::optional<pg::Session> session;
    while (pauseFor(lookInterval, stop)) {
        if (!session || !session->isAlive()) {
            pg::SessionOptions options;
            options.applicationName = m_options.applicationName;
            auto opened = pg::Session::open(m_options.server, options, stop);
            if (!opened)
                continue; // it only looks: the refreshes go on without it
            session.emplace(std::move(*opened));
        }
        takeProgress(*session, stop);
    }
}

void RefreshRun::takeProgress(pg::Session &session, const std::stop_token &stop)
{
    std::vector<int> pids;
    std::vector<quint32> views;
    QHash<int, int> places;
    {
        const std::lock_guard lock(m_mutex);
        for (std::size_t place = 0; place < m_items.size(); ++place) {
            if (m_items[place].pid == 0 || m_items[place].standing.state != ItemState::Running)
                continue;
            const RefreshItem &planned = m_plan.items[place];
            pids.push_back(m_items[place].pid);
            views.push_back(planned.kind == RefreshableKind::MaterializedView ? planned.oid : 0);
            places.insert(m_items[place].pid, static_cast<int>(place));
        }
    }
    if (pids.empty())
        return;
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("refresh/progress"), session.serverVersion());
    const auto rows = session.exec(query.sql, {pg::Param::array(pids), pg::Param::array(views)}, {.stop = stop});
    if (!rows)
        return;
    const std::lock_guard lock(m_mutex);
    for (int row = 0; row < rows->rowCount(); ++row) {
        const int place = places.value(rows->int32(row, rows->column("pid")));
        Item &running = item(place);
        if (running.standing.state != ItemState::Running)
            continue;
        QStringList whom;
        for (const qint64 pid : rows->int64s(row, rows->column("waits_for")))
            whom << QStringLiteral("pid %1").arg(pid);
        running.standing.text = whom.join(QLatin1String(", "));
        if (rows->boolean(row, rows->column("is_waiting")))
            running.sampledWait += lookInterval;
        const auto bytes = rows->optionalInt64(row, rows->column("bytes"));
        if (bytes && planned(place).bytes > 0)
            running.standing.filled = std::min(1.0, double(*bytes) / double(planned(place).bytes));
    }
}

} // namespace tidemark::refresh
