// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/interrupt.h"
#include "app/cli/refreshoptions.h"
#include "app/cli/refreshprogress.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/monitor/databaseticker.h"
#include "core/monitor/standardcollectors.h"

#include <QTextStream>

#include <cstdio>
#include <future>

#include <unistd.h>

namespace tidemark::cli {

namespace {

using refresh::ItemState;
using refresh::RefreshPlan;
using refresh::RefreshSpec;

constexpr Millis lookInterval{250};

Status readNames(const Context &context, RefreshSpec &spec)
{
    for (const QString &argument : context.arguments) {
        const auto name = pg::QualifiedName::parse(argument);
        if (!name) {
            return fail(
                Error::input(QStringLiteral("'%1' is not a name").arg(argument),
                             QStringLiteral("Write NAME or SCHEMA.NAME, in double quotes where psql needs them.")));
        }
        spec.names.push_back(*name);
    }
    const bool isAll = context.options.isSet(QStringLiteral("all"));
    if (isAll != spec.names.empty()) {
        return fail(Error::input(isAll ? QStringLiteral("names and --all at once")
                                       : QStringLiteral("nothing is named that is to be refreshed"),
                                 QStringLiteral("Give one or several names, or --all.")));
    }
    return {};
}

Status readNoData(const Context &context, RefreshSpec &spec)
{
    spec.withNoData = context.options.isSet(QStringLiteral("with-no-data"));
    if (spec.withNoData && context.options.value(QStringLiteral("with-no-data")) != refresh::wordsOfNoData()) {
        return fail(Error::safety(
            QStringLiteral("--with-no-data throws away what a view holds: nothing can be read from it until it is "
                           "refreshed"),
            QStringLiteral("If that is meant, say so: --with-no-data \"%1\"").arg(refresh::wordsOfNoData())));
    }
    return {};
}

Result<RefreshSpec> readSpec(const Context &context)
{
    RefreshSpec spec;
    TIDEMARK_CHECK(readNames(context, spec));
    TIDEMARK_CHECK(readRefreshOptions(context, spec));
    TIDEMARK_CHECK(readNoData(context, spec));
    spec.from = context.options.value(QStringLiteral("from"));
    spec.to = context.options.value(QStringLiteral("to"));
    bool isNumber = false;
    spec.sessions = context.options.value(QStringLiteral("jobs")).toInt(&isNumber);
    if (!isNumber)
        return fail(Error::input(QStringLiteral("--jobs takes a number")));
    TIDEMARK_CHECK(spec.check());
    return spec;
}

/// Whether what it holds may be another than its sources say now: who cannot be shown to be fresh is not.
bool isStale(const Refreshable &row)
{
    if (row.aggregate)
        return !row.populated || !row.aggregate->invalidRanges.empty()
               || row.aggregate->tailLag.value_or(Millis(1)) > Millis(0);
    return !row.populated || !row.notJudgedBecause.isEmpty() || row.sourceChanges.value_or(1) > 0;
}

/// The names in the spec become those that are stale; false where none is. Errors: also those of planRefresh() for a name
/// that nothing has.
Result<bool> keepStale(const Context &context, const ChangeTarget &target, RefreshSpec &spec)
{
    if (!spec.names.empty()) {
        // What is not there is not stale either, which would read as if all were well.
        TIDEMARK_TRY(pg::Session session, openForChange(target));
        TIDEMARK_CHECK(refresh::planRefresh(session, spec));
    }
    DatabaseTicker ticker(target.server,
                          standardCollectors(context.history)({target.server.value(QStringLiteral("dbname")), false,
                                                               std::make_shared<RelationNames>()}),
                          context.clock, QStringLiteral("tidemarkctl"));
    TIDEMARK_CHECK(ticker.tick(target.profile.interval));
    const auto snapshot = ticker.snapshot();
    for (const char *part : {"freshness", "aggregates"}) {
        const auto error = snapshot->errors.constFind(QLatin1String(part));
        if (error != snapshot->errors.cend())
            return fail(error->within(QStringLiteral("looking what is stale")));
    }
    if (!snapshot->freshness)
        return false;
    std::vector<pg::QualifiedName> stale;
    for (const Refreshable &row : snapshot->freshness->refreshables) {
        const bool isNamed = spec.names.empty()
                             || std::any_of(spec.names.begin(), spec.names.end(),
                                            [&row](const pg::QualifiedName &name) {
                                                return name.name == row.name.name
                                                       && (name.schema.isEmpty() || name.schema == row.name.schema);
                                            });
        if (isNamed && isStale(row))
            stale.push_back(row.name);
    }
    spec.names = std::move(stale);
    return !spec.names.empty();
}

QString namesOf(const RefreshPlan &plan, const std::vector<int> &places)
{
    QStringList names;
    for (const int place : places)
        names << plan.items[static_cast<std::size_t>(place)].name.display();
    return names.join(QLatin1String(", "));
}

/// A plain refresh of a view that holds data locks its readers out, which nobody does by accident.
Result<RefreshPlan> acceptLocks(const Context &context, pg::Session &session, RefreshPlan plan)
{
    const auto places = plan.toBeAccepted();
    if (places.empty())
        return plan;
    const QString what = QStringLiteral("Whoever reads %1 waits until the refresh is done, because PostgreSQL "
                                        "refreshes it concurrently only when it has a unique index on plain columns")
                             .arg(namesOf(plan, places));
    if (context.json || isatty(STDIN_FILENO) == 0 || context.options.isSet(QStringLiteral("yes"))) {
        return fail(Error::safety(what, QStringLiteral("Accept it with --accept-lock, or make such an index.")));
    }
    context.err << printable(what, Lines::Kept) << ".\nAccept that? [y/N] " << Qt::flush;
    QTextStream in(stdin);
    const QString answer = in.readLine().trimmed().toLower();
    if (answer != QLatin1String("y") && answer != QLatin1String("yes"))
        return fail(Error::safety(QStringLiteral("not accepted; nothing was done")));
    RefreshSpec spec = plan.spec;
    spec.acceptsLock = true;
    return refresh::planRefresh(session, spec, context.history.get());
}

/// What was named and cannot be done is said before anything is; of all there are, the others are done.
Status checkObstacles(const Context &context, const RefreshPlan &plan)
{
    if (context.options.isSet(QStringLiteral("all")))
        return {};
    for (const int place : plan.obstructed()) {
        const refresh::RefreshItem &item = plan.items[static_cast<std::size_t>(place)];
        Error error = Error::safety(
            QStringLiteral("%1 is not refreshed: %2").arg(item.name.display(), item.choice.obstacle),
            QStringLiteral("Nothing was done."));
        error.kind = ErrorKind::Permission;
        return fail(error);
    }
    return {};
}

ExitCode showPlan(const Context &context, pg::Session &session, const RefreshPlan &plan)
{
    const auto waits = refresh::whatRefreshWaitsFor(session, plan);
    if (!waits)
        return context.fail(waits.error());
    bool isFree = plan.obstructed().empty();
    QJsonArray waitsJson;
    QStringList lines;
    for (const StepWait &wait : *waits) {
        isFree = isFree && wait.holders.empty();
        if (wait.holders.empty())
            continue;
        QJsonArray holders;
        for (const LockHolder &holder : wait.holders)
            holders.append(holder.text());
        lines << wait.text(LockPatience());
        waitsJson.append(QJsonObject{{QStringLiteral("step"), wait.step},
                                     {QStringLiteral("schema"), wait.lock.relation.schema},
                                     {QStringLiteral("name"), wait.lock.relation.name},
                                     {QStringLiteral("mode"), lockModeSql(wait.lock.mode)},
                                     {QStringLiteral("holders"), holders},
                                     {QStringLiteral("behind"), wait.behind()}});
    }
    if (context.json) {
        QJsonArray items;
        for (std::size_t place = 0; place < plan.items.size(); ++place)
            items.append(refreshItemJson(plan, static_cast<int>(place)));
        context.print({{QStringLiteral("items"), items},
                       {QStringLiteral("waits"), waitsJson},
                       {QStringLiteral("notes"), QJsonArray::fromStringList(plan.notes)},
                       {QStringLiteral("expected_ms"), jsonOf(plan.expected())},
                       {QStringLiteral("fingerprint"), plan.asPlan().fingerprint()}});
    } else {
        context.out << printable(plan.preview(), Lines::Kept);
        for (const QString &line : lines)
            context.out << "\n-- in the way now: " << printable(line, Lines::Kept) << '\n';
        context.out.flush();
    }
    return isFree ? ExitCode::Done : ExitCode::Found;
}

/// Refreshes on threads of its own, while this one shows how far it is and listens for Ctrl-C.
Result<refresh::RefreshLook> refreshAndShow(const Context &context, const ChangeTarget &target, const RefreshPlan &plan)
{
    RefreshProgress progress(context, plan);
    refresh::RefreshRunOptions options;
    options.server = target.server;
    options.profile = target.profile;
    if (!target.isNamed)
        options.profile.safety = Safety::Confirm; // -d is the person's own word
    options.applicationName = QStringLiteral("tidemarkctl");
    options.history = context.history;
    options.onNews = [&progress](const refresh::RefreshNews &news) { progress.tell(news); };
    refresh::RefreshRun run(plan, options, context.clock);
    const auto needed = refresh::confirmationOf(options.profile, plan);
    // askConsent has asked the same already.
    const Confirmation given{true, needed && *needed ? (*needed)->typedWord : QString()};
    std::stop_source stop;
    catchInterrupts();
    auto running = std::async(std::launch::async,
                              [&] { return run.run(plan.asPlan().fingerprint(), given, stop.get_token()); });
    auto shown = std::chrono::steady_clock::now();
    while (running.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (isInterrupted())
            stop.request_stop();
        if (std::chrono::steady_clock::now() - shown < lookInterval)
            continue;
        shown = std::chrono::steady_clock::now();
        progress.show(run.look());
    }
    progress.finish();
    return running.get();
}

ExitCode carryOut(const Context &context, const ChangeTarget &target, const RefreshPlan &plan)
{
    const auto look = refreshAndShow(context, target, plan);
    if (!look)
        return context.fail(look.error());
    const int succeeded = look->count(ItemState::Succeeded);
    const int failed = look->count(ItemState::Failed);
    const int skipped = look->count(ItemState::Skipped);
    const int stopped = look->count(ItemState::Stopped);
    if (context.json) {
        context.printLine({{QStringLiteral("event"), QStringLiteral("end")},
                           {QStringLiteral("succeeded"), succeeded},
                           {QStringLiteral("failed"), failed},
                           {QStringLiteral("skipped"), skipped},
                           {QStringLiteral("stopped"), stopped}});
    } else if (look->items.size() > 1) {
        context.out << succeeded << " refreshed, " << failed << " failed, " << skipped << " skipped, " << stopped
                    << " stopped" << Qt::endl;
    }
    return failed + skipped > 0 && stopped == 0 ? ExitCode::Failed : stopped > 0 ? ExitCode::Resumable : ExitCode::Done;
}

ExitCode refreshNow(const Context &context)
{
    auto spec = readSpec(context);
    if (!spec)
        return context.fail(spec.error());
    const auto target = changeTarget(context);
    if (!target)
        return context.fail(target.error());
    if (context.options.isSet(QStringLiteral("stale"))) {
        const auto isAny = keepStale(context, *target, *spec);
        if (!isAny)
            return context.fail(isAny.error());
        if (!*isAny) {
            if (context.json)
                context.printLine({{QStringLiteral("event"), QStringLiteral("end")},
                                   {QStringLiteral("succeeded"), 0},
                                   {QStringLiteral("failed"), 0},
                                   {QStringLiteral("skipped"), 0},
                                   {QStringLiteral("stopped"), 0}});
            else
                context.err << "Nothing is stale." << Qt::endl;
            return ExitCode::Done;
        }
    }
    auto session = openForChange(*target);
    if (!session)
        return context.fail(session.error());
    auto plan = refresh::planRefresh(*session, *spec, context.history.get());
    if (!plan)
        return context.fail(plan.error());
    if (plan->items.empty()) {
        context.err << "Nothing refreshable in database " << printable(session->database()) << '.' << Qt::endl;
        return ExitCode::Done;
    }
    if (context.options.isSet(QStringLiteral("dry-run")))
        return showPlan(context, *session, *plan);
    plan = acceptLocks(context, *session, std::move(*plan));
    if (!plan)
        return context.fail(plan.error());
    if (const Status possible = checkObstacles(context, *plan); !possible)
        return context.fail(possible.error());
    if (!context.json)
        context.err << printable(plan->preview(), Lines::Kept) << Qt::endl;
    const QString word = plan->items.size() == 1 ? plan->items.front().name.display() : plan->target.database;
    const auto consent = askConsent(context, *target,
                                    QStringLiteral("%1, on %2").arg(plan->title(), target->profile.name), word);
    if (!consent)
        return context.fail(consent.error());
    return carryOut(context, *target, *plan);
}

} // namespace

Verb refreshVerb()
{
    const auto option = [](const char *name, const char *what, const char *value = "", const char *usual = "") {
        return QCommandLineOption(QString::fromLatin1(name), QString::fromLatin1(what), QString::fromLatin1(value),
                                  QString::fromLatin1(usual));
    };
    QList<QCommandLineOption> options{
        option("stale", "Of those, what may differ from its sources."),
        option("jobs", "At most so many at once (default 2).", "N", "2"),
        option("from", "Of continuous aggregates: from then on.", "TIME"),
        option("to", "Of continuous aggregates: up to then.", "TIME"),
        option("with-no-data", "Empty them instead; the words say what that means.", "WORDS"),
        option("dry-run", "Show what would be done, and who is in the way now; exit with 3 where somebody is."),
    };
    return {QStringLiteral("refresh"),
            QStringLiteral("bring materialized views and the like up to date, in their order"),
            QStringLiteral("NAME… | --all"),
            refreshOptions() + options + consentOptions(),
            refreshNow,
            10'000,
            QStringLiteral("Print one JSON object for each thing that happens, a line each.")};
}

} // namespace tidemark::cli
