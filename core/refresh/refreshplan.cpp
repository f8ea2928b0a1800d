// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshplan.h"

#include "core/base/units.h"
#include "core/refresh/refreshorder.h"

#include <QJsonArray>
#include <QSet>
#include <QTextStream>

#include <algorithm>

namespace tidemark::refresh {

namespace {

constexpr int durationsRead = 20;

Result<std::vector<quint32>> chosenOf(const RefreshCandidates &candidates, const RefreshSpec &spec)
{
    std::vector<quint32> chosen;
    if (spec.names.empty()) {
        for (const RefreshCandidate &candidate : candidates.all)
            chosen.push_back(candidate.oid);
        return chosen;
    }
    for (const pg::QualifiedName &name : spec.names) {
        const auto found = candidates.named(name);
        if (found.empty()) {
            return fail(Error::missing(QStringLiteral("nothing refreshable is named %1").arg(name.display()),
                                       QStringLiteral("“tidemarkctl freshness” lists what there is.")));
        }
        if (found.size() > 1) {
            QStringList all;
            for (const RefreshCandidate *candidate : found)
                all << candidate->name.display();
            return fail(Error::input(
                QStringLiteral("%1 is the name of several: %2").arg(name.display(), all.join(QLatin1String(", "))),
                QStringLiteral("Name the schema as well.")));
        }
        if (std::find(chosen.begin(), chosen.end(), found.front()->oid) == chosen.end())
            chosen.push_back(found.front()->oid);
    }
    return chosen;
}

/// The middle of what the latest successes took.
std::optional<Millis> expectedOf(const HistoryStore *history, const DatabaseRef &database,
                                 const pg::QualifiedName &name)
{
    if (history == nullptr)
        return std::nullopt;
    const auto events = history->refreshes(database, name, std::nullopt, durationsRead);
    std::vector<Millis> durations;
    for (const RefreshEvent &event : events.value_or(std::vector<RefreshEvent>())) {
        if (event.succeeded && event.duration)
            durations.push_back(*event.duration);
    }
    if (durations.empty())
        return std::nullopt;
    const auto middle = durations.begin() + static_cast<std::ptrdiff_t>(durations.size() / 2);
    std::nth_element(durations.begin(), middle, durations.end());
    return *middle;
}

/// A source that holds no data refuses to be read, and one that is not refreshed with its reader is read as it stands.
void addNotes(RefreshPlan &plan, const RefreshCandidates &candidates)
{
    QSet<quint32> planned;
    for (const RefreshItem &item : plan.items)
        planned.insert(item.oid);
    for (const RefreshItem &item : plan.items) {
        for (const quint32 source : candidates.graph.sourcesOf(item.oid)) {
            const RefreshCandidate *read = candidates.find(source);
            if (planned.contains(source) || read == nullptr || read->populated || item.choice.method == Method::NoData)
                continue;
            plan.notes << QStringLiteral("%1 reads %2, which holds no data and is not refreshed with it: it will fail")
                              .arg(item.name.display(), read->name.display());
        }
        if (item.choice.locksReadersOut && item.choice.obstacle.isEmpty()) {
            plan.notes << QStringLiteral("whoever reads %1 waits until its refresh is done%2")
                              .arg(item.name.display(),
                                   item.expected ? QStringLiteral(", about %1").arg(units::duration(*item.expected))
                                                 : QString());
        }
        if (!item.choice.obstacle.isEmpty())
            plan.notes << QStringLiteral("%1 is not refreshed: %2").arg(item.name.display(), item.choice.obstacle);
    }
}

Risk riskOf(const RefreshChoice &choice)
{
    if (choice.method == Method::NoData)
        return Risk::High;
    return choice.locksReadersOut ? Risk::Medium : Risk::Low;
}

QString methodText(Method method)
{
    return toWord(method).replace(QLatin1Char('_'), QLatin1Char(' '));
}

} // namespace

std::vector<StepLock> locksOf(const RefreshItem &item)
{
    std::vector<StepLock> locks;
    if (item.choice.lock)
        locks.push_back({item.name, *item.choice.lock});
    if (item.choice.method == Method::NoData)
        return locks;
    for (const pg::QualifiedName &source : item.sources)
        locks.push_back({source, LockMode::AccessShare});
    return locks;
}

QString RefreshPlan::title() const
{
    if (items.size() == 1) {
        const QString what = spec.withNoData ? QStringLiteral("Empty %1") : QStringLiteral("Refresh %1");
        return what.arg(items.front().name.display());
    }
    const auto asked = std::count_if(items.begin(), items.end(),
                                     [](const RefreshItem &item) { return item.isAskedFor; });
    if (asked == 1 && items.size() > 1) {
        const auto root = std::find_if(items.begin(), items.end(),
                                       [](const RefreshItem &item) { return item.isAskedFor; });
        return QStringLiteral("Refresh %1 and %2 that depend on it").arg(root->name.display()).arg(items.size() - 1);
    }
    return (spec.withNoData ? QStringLiteral("Empty %1 in database %2") : QStringLiteral("Refresh %1 in database %2"))
        .arg(items.size())
        .arg(target.database);
}

Plan RefreshPlan::asPlan() const
{
    Plan plan;
    plan.kind = QStringLiteral("refresh");
    plan.title = title();
    plan.target = target;
    plan.spec = spec.toJson();
    plan.notes = notes;
    int place = 0;
    for (const RefreshItem &item : items) {
        ++place;
        if (!item.choice.obstacle.isEmpty())
            continue;
        Step step;
        step.name = QStringLiteral("refresh_%1").arg(place);
        step.action = QStringLiteral("refresh");
        step.title =
            QStringLiteral("%1: %2, %3").arg(item.name.display(), methodText(item.choice.method), item.choice.because);
        step.risk = riskOf(item.choice);
        step.transaction = item.choice.method == Method::Range ? StepTransaction::None : StepTransaction::One;
        step.locks = locksOf(item);
        step.statements = QStringList{item.statement};
        step.pointOfNoReturn = true;
        step.attempts = 1;
        QJsonArray after;
        for (const int before : item.after)
            after.append(QStringLiteral("refresh_%1").arg(before + 1));
        step.parameters = {{QStringLiteral("oid"), qint64(item.oid)}, {QStringLiteral("after"), after}};
        plan.steps.push_back(std::move(step));
    }
    return plan;
}

QString RefreshPlan::preview() const
{
    QString text;
    QTextStream out(&text);
    out << "-- " << title() << "\n-- database " << target.database << ", " << items.size()
        << (items.size() == 1 ? " refresh" : " refreshes");
    if (items.size() > 1)
        out << ", at most " << spec.sessions << " at once";
    if (const auto all = expected())
        out << ", about " << units::duration(*all);
    out << ", fingerprint " << asPlan().fingerprint().first(12) << '\n';
    for (const QString &note : notes)
        out << "-- note: " << note << '\n';
    int number = 0;
    for (const RefreshItem &item : items) {
        out << "\n-- " << ++number << ". " << item.name.display();
        if (!item.after.empty()) {
            QStringList before;
            for (const int place : item.after)
                before << QString::number(place + 1);
            out << ", after " << before.join(QLatin1String(", "));
        }
        if (!item.choice.obstacle.isEmpty()) {
            out << ": not refreshed, " << item.choice.obstacle << '\n';
            continue;
        }
        out << ": " << methodText(item.choice.method) << ", " << item.choice.because;
        if (item.choice.lock)
            out << "; " << lockModeSql(*item.choice.lock) << " on it";
        if (item.expected)
            out << "; took " << units::duration(*item.expected) << " before";
        out << '\n' << item.statement << ";\n";
    }
    return text;
}

std::vector<int> RefreshPlan::obstructed() const
{
    std::vector<int> places;
    for (std::size_t place = 0; place < items.size(); ++place) {
        if (!items[place].choice.obstacle.isEmpty())
            places.push_back(static_cast<int>(place));
    }
    return places;
}

std::vector<int> RefreshPlan::toBeAccepted() const
{
    std::vector<int> places;
    for (const int place : obstructed()) {
        if (items[static_cast<std::size_t>(place)].choice.needsAcceptance)
            places.push_back(place);
    }
    return places;
}

std::optional<Millis> RefreshPlan::expected() const
{
    return RefreshOrder(after(), expectations()).left(spec.sessions, {});
}

std::vector<std::vector<int>> RefreshPlan::after() const
{
    std::vector<std::vector<int>> all;
    for (const RefreshItem &item : items)
        all.push_back(item.after);
    return all;
}

std::vector<std::optional<Millis>> RefreshPlan::expectations() const
{
    std::vector<std::optional<Millis>> all;
    for (const RefreshItem &item : items)
        all.push_back(item.expected);
    return all;
}

Result<RefreshPlan> planRefresh(pg::Session &session, const RefreshSpec &spec, const HistoryStore *history,
                                std::stop_token stop)
{
    TIDEMARK_CHECK(spec.check());
    TIDEMARK_TRY(const pg::Capabilities capabilities, pg::Capabilities::probe(session, {.stop = stop}));
    if (capabilities.inRecovery) {
        Error error;
        error.kind = ErrorKind::Unsupported;
        error.message = QStringLiteral("this server is a standby, where nothing can be refreshed");
        error.hint = QStringLiteral("Refresh on the primary: what it writes comes here.");
        return fail(error);
    }
    TIDEMARK_TRY(const RefreshCandidates candidates, RefreshCandidates::read(session, capabilities, stop));
    TIDEMARK_TRY(const std::vector<quint32> chosen, chosenOf(candidates, spec));
    std::vector<quint32> wanted = chosen;
    if (spec.cascade) {
        const auto downstream = candidates.graph.downstreamOf(chosen);
        wanted.insert(wanted.end(), downstream.begin(), downstream.end());
    }
    RefreshPlan plan;
    plan.target = PlanTarget::of(capabilities);
    plan.spec = spec;
    const DatabaseRef database = databaseRefOf(capabilities);
    QHash<quint32, int> places;
    for (const quint32 oid : candidates.graph.sorted(wanted)) {
        const RefreshCandidate &candidate = *candidates.find(oid);
        RefreshItem item;
        item.oid = oid;
        item.name = candidate.name;
        item.kind = candidate.kind;
        item.isAskedFor = std::find(chosen.begin(), chosen.end(), oid) != chosen.end();
        item.isEmpty = !candidate.populated;
        item.choice = choose(candidate, spec);
        item.statement = statementOf(candidate, item.choice.method, spec, capabilities);
        item.expected = spec.withNoData ? std::nullopt : expectedOf(history, database, candidate.name);
        item.bytes = candidate.bytes;
        for (const quint32 source : candidates.graph.sourcesOf(oid)) {
            if (const auto place = places.constFind(source); place != places.cend())
                item.after.push_back(*place);
            if (const RefreshCandidate *read = candidates.find(source))
                item.sources.push_back(read->name);
        }
        for (const quint32 table : candidates.graph.tablesOf(oid)) {
            if (const auto name = candidates.tables.constFind(table); name != candidates.tables.cend())
                item.sources.push_back(*name);
        }
        places.insert(oid, static_cast<int>(plan.items.size()));
        plan.items.push_back(std::move(item));
    }
    addNotes(plan, candidates);
    return plan;
}

Result<std::vector<StepWait>> whatRefreshWaitsFor(pg::Session &session, const RefreshPlan &plan, std::stop_token stop)
{
    TIDEMARK_TRY(std::vector<StepWait> waits, whatStepsWaitFor(session, plan.asPlan(), stop));
    std::erase_if(waits,
                  [](const StepWait &wait) { return wait.lock.mode == LockMode::AccessShare && wait.holders.empty(); });
    return waits;
}

} // namespace tidemark::refresh
