// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/planning.h"
#include "core/base/printable.h"
#include "core/managed/materializespec.h"

#include <QJsonArray>

#include <algorithm>

namespace tidemark::cli {

namespace {

using managed::MaterializeSpec;
using managed::ViewWish;

Result<pg::QualifiedName> viewName(const QString &text)
{
    auto name = pg::QualifiedName::parse(text);
    if (!name)
        return fail(Error::input(QStringLiteral("“%1” is no view's name").arg(text)));
    if (name->schema.isEmpty())
        name->schema = QStringLiteral("public");
    return *name;
}

/// "VIEW=…" of an option: which of the spec's views, and what. A view of one alone needs no name.
Result<std::pair<ViewWish *, QString>> forView(MaterializeSpec &spec, const char *option, const QString &text)
{
    const auto sign = text.indexOf(QLatin1Char('='));
    if (sign < 1) {
        return fail(Error::input(QStringLiteral("--%1 %2 names no view").arg(QLatin1String(option), text),
                                 QStringLiteral("Write --%1 VIEW=….").arg(QLatin1String(option))));
    }
    TIDEMARK_TRY(const pg::QualifiedName name, viewName(text.left(sign)));
    const auto view = std::find_if(spec.views.begin(), spec.views.end(),
                                   [&](const ViewWish &candidate) { return candidate.view == name; });
    if (view == spec.views.end()) {
        return fail(Error::input(QStringLiteral("--%1 is about %2, which is not to be materialized")
                                     .arg(QLatin1String(option), name.display())));
    }
    return std::pair(&*view, text.mid(sign + 1).trimmed());
}

Result<MaterializeSpec> specOf(const Context &context)
{
    QJsonObject json;
    if (context.options.isSet(QStringLiteral("spec"))) {
        TIDEMARK_TRY(json, readSpec(context.options.value(QStringLiteral("spec"))));
    }
    QJsonArray views = json.value(QStringLiteral("views")).toArray();
    for (const QString &text : context.arguments.mid(1)) {
        TIDEMARK_TRY(const pg::QualifiedName name, viewName(text));
        views.append(QJsonObject{{QStringLiteral("schema"), name.schema}, {QStringLiteral("name"), name.name}});
    }
    json.insert(QStringLiteral("views"), views);
    if (context.options.isSet(QStringLiteral("unlogged")))
        json.insert(QStringLiteral("unlogged"), true);
    if (context.options.isSet(QStringLiteral("keep-views")))
        json.insert(QStringLiteral("rebuild_views"), false);
    if (context.options.isSet(QStringLiteral("time-zone")))
        json.insert(QStringLiteral("time_zone"), context.options.value(QStringLiteral("time-zone")));
    if (context.options.isSet(QStringLiteral("query")))
        json.insert(QStringLiteral("queries"),
                    QJsonArray::fromStringList(context.options.values(QStringLiteral("query"))));
    TIDEMARK_TRY(MaterializeSpec spec, MaterializeSpec::fromJson(json));
    for (const QString &text : context.options.values(QStringLiteral("key"))) {
        TIDEMARK_TRY(const auto key, forView(spec, "key", text));
        key.first->key = key.second.split(QLatin1Char(','));
    }
    std::vector<ViewWish *> replaced;
    for (const QString &text : context.options.values(QStringLiteral("index"))) {
        TIDEMARK_TRY(const auto index, forView(spec, "index", text));
        if (std::find(replaced.begin(), replaced.end(), index.first) == replaced.end()) {
            index.first->indexes.emplace();
            replaced.push_back(index.first);
        }
        index.first->indexes->push_back({{}, index.second, false});
    }
    return spec;
}

void tellObstacles(const Context &context, const std::vector<managed::MaterializeObstacle> &obstacles)
{
    QJsonArray array;
    for (const managed::MaterializeObstacle &obstacle : obstacles) {
        array.append(QJsonObject{{QStringLiteral("refuses"), obstacle.refuses},
                                 {QStringLiteral("object"), obstacle.object},
                                 {QStringLiteral("why"), obstacle.why},
                                 {QStringLiteral("way_out"), obstacle.wayOut}});
        if (context.json)
            continue;
        context.err << (obstacle.refuses ? "refused: " : "know: ") << printable(obstacle.object) << ": "
                    << printable(obstacle.why, Lines::Kept) << Qt::endl;
        if (!obstacle.wayOut.isEmpty())
            context.err << "  " << printable(obstacle.wayOut, Lines::Kept) << Qt::endl;
    }
    if (context.json)
        context.print({{QStringLiteral("obstacles"), array}});
}

} // namespace

Result<ExitCode> planMaterializeVerb(const Context &context)
{
    TIDEMARK_TRY(const MaterializeSpec spec, specOf(context));
    TIDEMARK_TRY(pg::Session session, openForPlanning(context));
    TIDEMARK_TRY(const managed::MaterializePlan planned, managed::planMaterialize(session, spec, planningCall()));
    if (context.options.isSet(QStringLiteral("propose"))) {
        context.print(planned.spec.toJson());
        return ExitCode::Done;
    }
    if (!planned.plan) {
        tellObstacles(context, planned.obstacles);
        return ExitCode::Found;
    }
    if (!context.json)
        tellObstacles(context, planned.obstacles);
    TIDEMARK_CHECK(writePlan(context, *planned.plan));
    return ExitCode::Done;
}

} // namespace tidemark::cli
