// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/planning.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/managed/deltarefresh.h"

#include <QJsonArray>

#include <future>

namespace tidemark::cli {

namespace {

using managed::DeltaOutcome;
using managed::DeltaScope;
using managed::ManagedTable;

constexpr Millis untilItEnds{std::chrono::hours(24 * 365)};

QJsonObject jsonOfTable(const ManagedTable &table)
{
    return {{QStringLiteral("schema"), table.name.schema},
            {QStringLiteral("name"), table.name.name},
            {QStringLiteral("definition_schema"), table.definition.schema},
            {QStringLiteral("definition_name"), table.definition.name},
            {QStringLiteral("key"), QJsonArray::fromStringList(table.key)},
            {QStringLiteral("range_column"), table.rangeColumn},
            {QStringLiteral("time_zone"), table.timeZone},
            {QStringLiteral("unlogged"), table.isUnlogged},
            {QStringLiteral("emptied_by_crash"), table.wasEmptied},
            {QStringLiteral("kept_since"), jsonOf(table.keptSince)},
            {QStringLiteral("last_refresh_at"), jsonOf(table.lastRefreshAt)},
            {QStringLiteral("last_full_at"), jsonOf(table.lastFullAt)},
            {QStringLiteral("last_changed_at"), jsonOf(table.lastChangedAt)},
            {QStringLiteral("last_mode"), table.lastMode},
            {QStringLiteral("duration_ms"), jsonOf(table.lastDuration)},
            {QStringLiteral("rows_deleted"), jsonOf(table.deleted)},
            {QStringLiteral("rows_updated"), jsonOf(table.updated)},
            {QStringLiteral("rows_inserted"), jsonOf(table.inserted)},
            {QStringLiteral("failed"), table.hasFailed()},
            {QStringLiteral("error"), table.hasFailed() ? QJsonValue(table.lastError) : QJsonValue()}};
}

QString stateOf(const ManagedTable &table)
{
    if (table.definition.name.isEmpty())
        return QStringLiteral("its view is gone");
    if (table.wasEmptied)
        return QStringLiteral("emptied by a crash: refresh it");
    if (table.hasFailed())
        return QStringLiteral("failed: ") + table.lastError;
    return QStringLiteral("kept");
}

QString changesOf(const ManagedTable &table)
{
    if (!table.deleted)
        return {};
    return QStringLiteral("-%1 ~%2 +%3")
        .arg(*table.deleted)
        .arg(table.updated.value_or(0))
        .arg(table.inserted.value_or(0));
}

ExitCode printStatus(const Context &context, const std::vector<ManagedTable> &tables)
{
    if (context.json) {
        QJsonArray array;
        for (const ManagedTable &table : tables)
            array.append(jsonOfTable(table));
        context.print({{QStringLiteral("managed"), array}});
        return ExitCode::Done;
    }
    TextTable text({{QStringLiteral("table")},
                    {QStringLiteral("definition")},
                    {QStringLiteral("key")},
                    {QStringLiteral("last refresh")},
                    {QStringLiteral("mode")},
                    {QStringLiteral("took"), TextTable::Align::Right},
                    {QStringLiteral("changed"), TextTable::Align::Right},
                    {QStringLiteral("state")}});
    for (const ManagedTable &table : tables) {
        text.add({table.name.display(), table.definition.display(), table.key.join(QStringLiteral(", ")),
                  table.lastRefreshAt ? toUtcSeconds(*table.lastRefreshAt) : QStringLiteral("never"), table.lastMode,
                  table.lastDuration ? units::duration(*table.lastDuration) : QString(), changesOf(table),
                  stateOf(table)});
    }
    text.print(context.out);
    return ExitCode::Done;
}

std::optional<QString> boundOf(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

/// "COLUMN=FROM..TO", either of which may be left out.
Result<DeltaScope> rangeScope(const QString &text)
{
    const auto sign = text.indexOf(QLatin1Char('='));
    const auto dots = text.indexOf(QLatin1String(".."), sign + 1);
    if (sign < 1 || dots < 0)
        return fail(Error::input(QStringLiteral("“%1” is no range").arg(text),
                                 QStringLiteral("Write --range COLUMN=FROM..TO; FROM is included, TO is not.")));
    return DeltaScope::range(text.left(sign), boundOf(text.mid(sign + 1, dots - sign - 1)),
                             boundOf(text.mid(dots + 2)));
}

std::optional<QString> textOf(const QJsonValue &value)
{
    if (value.isNull())
        return {};
    return value.isString() ? value.toString() : value.toVariant().toString();
}

/// {"columns": […], "values": [[…], …]}
Result<DeltaScope> keysScope(const QJsonObject &json)
{
    DeltaScope scope = DeltaScope::keys({}, {});
    for (const QJsonValue &column : json.value(QStringLiteral("columns")).toArray())
        scope.columns << column.toString();
    for (const QJsonValue &value : json.value(QStringLiteral("values")).toArray()) {
        std::vector<std::optional<QString>> key;
        for (const QJsonValue &part : value.toArray())
            key.push_back(textOf(part));
        scope.values.push_back(std::move(key));
    }
    return scope;
}

Result<DeltaScope> scopeOf(const Context &context)
{
    const QStringList keys = context.options.values(QStringLiteral("key"));
    if (context.options.isSet(QStringLiteral("range")))
        return rangeScope(context.options.value(QStringLiteral("range")));
    if (context.options.isSet(QStringLiteral("keys"))) {
        TIDEMARK_TRY(const QJsonObject json, readSpec(context.options.value(QStringLiteral("keys"))));
        return keysScope(json);
    }
    if (keys.isEmpty())
        return DeltaScope::full();
    DeltaScope scope = DeltaScope::keys({keys.front().section(QLatin1Char('='), 0, 0)}, {});
    for (const QString &key : keys) {
        if (!key.contains(QLatin1Char('=')) || key.section(QLatin1Char('='), 0, 0) != scope.columns.front()) {
            return fail(Error::input(QStringLiteral("“%1” is no value of one column").arg(key),
                                     QStringLiteral("Write --key COLUMN=VALUE, always of the same column; for keys of "
                                                    "several columns take --keys FILE.")));
        }
        scope.values.push_back({key.section(QLatin1Char('='), 1)});
    }
    return scope;
}

void tell(const Context &context, const DeltaOutcome &outcome)
{
    if (context.json) {
        context.print({{QStringLiteral("schema"), outcome.table.schema},
                       {QStringLiteral("name"), outcome.table.name},
                       {QStringLiteral("mode"), managed::modeWord(outcome.mode)},
                       {QStringLiteral("rows_compared"), outcome.compared},
                       {QStringLiteral("rows_deleted"), outcome.deleted},
                       {QStringLiteral("rows_updated"), outcome.updated},
                       {QStringLiteral("rows_inserted"), outcome.inserted},
                       {QStringLiteral("rows_unchanged"), outcome.unchanged()},
                       {QStringLiteral("rebuilt"), outcome.rebuilt},
                       {QStringLiteral("proven_equal"), outcome.proven},
                       {QStringLiteral("attempts"), outcome.attempts},
                       {QStringLiteral("duration_ms"), qint64(outcome.took.count())}});
        return;
    }
    context.out << printable(outcome.table.display()) << ": " << units::count(outcome.compared) << " rows compared in "
                << units::duration(outcome.took) << ", " << units::count(outcome.deleted) << " deleted, "
                << units::count(outcome.updated) << " updated, " << units::count(outcome.inserted) << " inserted, "
                << units::count(outcome.unchanged()) << " unchanged";
    if (outcome.rebuilt)
        context.out << "; rebuilt in full, because a crash of the server had emptied it";
    if (outcome.proven)
        context.out << "; proven equal to its definition";
    context.out << Qt::endl;
}

/// On a thread of its own, so that Ctrl-C ends it.
template<typename Work>
auto interruptible(Work work)
{
    std::stop_source stop;
    catchInterrupts();
    auto working = std::async(std::launch::async, [&] { return work(stop.get_token()); });
    while (working.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (isInterrupted())
            stop.request_stop();
    }
    return working.get();
}

Result<pg::Session> openPatiently(const ChangeTarget &target)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemarkctl");
    options.readOnly = false;
    options.lockTimeout = Millis(0);
    options.statementTimeout = Millis(0);
    options.idleInTransactionTimeout = Millis(0);
    return pg::Session::open(target.server, options);
}

Result<ExitCode> refresh(const Context &context, const ChangeTarget &target, const pg::QualifiedName &name)
{
    TIDEMARK_TRY(const DeltaScope scope, scopeOf(context));
    managed::DeltaOptions options;
    options.prove = context.options.isSet(QStringLiteral("prove"));
    if (context.options.isSet(QStringLiteral("wait"))) {
        const auto wait = units::parseDuration(context.options.value(QStringLiteral("wait")));
        if (!wait)
            return fail(Error::input(QStringLiteral("--wait takes a duration such as 30s")));
        options.waitForOther = *wait;
    }
    const QString what = QStringLiteral("Refresh %1 %2").arg(name.display(), scope.text());
    TIDEMARK_CHECK(askConsent(context, target, what, name.name));
    TIDEMARK_TRY(pg::Session session, openPatiently(target));
    const auto outcome = interruptible([&](std::stop_token stop) {
        return managed::refreshManaged(session, name, scope, options,
                                       {.deadline = untilItEnds, .stop = std::move(stop)});
    });
    audit(context, target, what, outcome ? QStringLiteral("done") : outcome.error().summary());
    if (!outcome)
        return fail(outcome.error());
    tell(context, *outcome);
    return ExitCode::Done;
}

Result<ExitCode> verify(const Context &context, const ChangeTarget &target, const pg::QualifiedName &name)
{
    TIDEMARK_TRY(pg::Session session, openPatiently(target));
    TIDEMARK_TRY(const managed::Divergence divergence, interruptible([&](std::stop_token stop) {
                     return managed::compareManaged(session, name, {.deadline = untilItEnds, .stop = std::move(stop)});
                 }));
    if (context.json)
        context.print({{QStringLiteral("schema"), name.schema},
                       {QStringLiteral("name"), name.name},
                       {QStringLiteral("equal"), divergence.isEqual()},
                       {QStringLiteral("surplus"), divergence.surplus},
                       {QStringLiteral("lacking"), divergence.lacking}});
    else if (divergence.isEqual())
        context.out << printable(name.display()) << " is what its definition says." << Qt::endl;
    else
        context.out << printable(name.display()) << " has " << divergence.surplus
                    << " rows that its definition has not, and lacks " << divergence.lacking
                    << " that it has: “tidemarkctl managed refresh” mends it." << Qt::endl;
    return divergence.isEqual() ? ExitCode::Done : ExitCode::Found;
}

Result<ExitCode> managedTables(const Context &context)
{
    const QString verb = context.arguments.value(0, QStringLiteral("status"));
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    if (verb == QLatin1String("status")) {
        TIDEMARK_TRY(pg::Session session, openForPlanning(context));
        TIDEMARK_TRY(const auto tables, managed::readManaged(session));
        return printStatus(context, tables);
    }
    if (verb != QLatin1String("refresh") && verb != QLatin1String("verify"))
        return fail(Error::input(QStringLiteral("managed tables cannot “%1”").arg(verb),
                                 QStringLiteral("There is: status, refresh TABLE, verify TABLE.")));
    auto name = pg::QualifiedName::parse(context.arguments.value(1));
    if (!name)
        return fail(Error::input(QStringLiteral("“%1” is no table's name").arg(context.arguments.value(1))));
    if (name->schema.isEmpty())
        name->schema = QStringLiteral("public");
    return verb == QLatin1String("refresh") ? refresh(context, target, *name) : verify(context, target, *name);
}

} // namespace

Verb managedVerb()
{
    const auto option = [](const char *name, const char *text, const char *value = "") {
        return QCommandLineOption(QLatin1String(name), QLatin1String(text), QLatin1String(value));
    };
    QList<QCommandLineOption> options = consentOptions();
    options << option("range", "refresh: only rows with this column from FROM up to, without it, TO.",
                      "COLUMN=FROM..TO")
            << option("key", "refresh: only rows with this value; may be given several times.", "COLUMN=VALUE")
            << option("keys",
                      "refresh: only rows with the keys in this JSON file: {\"columns\": […], \"values\": [[…], …]}.",
                      "FILE")
            << option("prove", "refresh: compare all of it with the definition before it commits.")
            << option("wait", "refresh: wait so long for somebody else's refresh of it.", "DURATION");
    return {QStringLiteral("managed"),
            QStringLiteral("tables that are kept equal to a view: how they stand, refreshed by what differs, verified"),
            QStringLiteral("[status | refresh TABLE | verify TABLE]"),
            options,
            [](const Context &context) {
                const auto done = managedTables(context);
                return done ? *done : context.fail(done.error());
            },
            2};
}

} // namespace tidemark::cli
