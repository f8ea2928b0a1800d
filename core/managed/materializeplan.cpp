// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/units.h"
#include "core/ddl/steps.h"
#include "core/managed/exchangeddl.h"
#include "core/managed/keepactions.h"
#include "core/managed/proposal.h"
#include "core/managed/viewobstacles.h"
#include "core/plan/toolkit.h"

#include <QJsonArray>

#include <algorithm>
#include <ranges>

namespace tidemark::managed {

namespace {

using ddl::actionStep;
using ddl::sqlStep;

QByteArray numbered(const char *name, std::size_t index)
{
    return name + QByteArray::number(qulonglong(index + 1));
}

QStringList namesOf(const ViewChain &chain)
{
    QStringList names;
    for (const ChainView &view : chain.views)
        names << view.name().display();
    return names;
}

/// As they are after the exchange: those of the chain under their new names.
std::vector<ddl::ViewRebuild> rebuildsOf(const ViewChain &chain)
{
    if (!chain.rebuildsViews)
        return {};
    return ddl::rebuildViews(chain.dependents(true), chain.oids(), chain.serverVersion);
}

Status addToolkit(std::vector<Step> &steps, const ViewChain &chain)
{
    if (chain.hasToolkit)
        return {};
    TIDEMARK_TRY(const QString script, toolkitScript(QStringLiteral("managed"), true));
    Step step = actionStep("toolkit", "parallel", QStringLiteral("Install the toolkit's part for managed tables"), {});
    step.statements = {script};
    step.satisfied = QStringLiteral("SELECT pg_catalog.to_regclass('tidemark.managed_table') IS NOT NULL");
    steps.push_back(step);
    return {};
}

void addTimings(std::vector<Step> &steps, const MaterializeSpec &spec, const char *name, const QString &title,
                const char *before = nullptr)
{
    if (spec.queries.isEmpty())
        return;
    QJsonObject parameters{{QStringLiteral("queries"), QJsonArray::fromStringList(spec.queries)}};
    if (before)
        parameters.insert(QStringLiteral("before"), QLatin1String(before));
    Step step = actionStep(name, "managed.timings", title, parameters);
    step.statements = spec.queries;
    step.risk = Risk::None;
    steps.push_back(step);
}

void addFilling(std::vector<Step> &steps, const ViewChain &chain)
{
    QStringList analyze;
    Step indexes = actionStep("indexes", "parallel", QStringLiteral("Build the keys and indexes"), {});
    QStringList dressing;
    for (std::size_t index = 0; index < chain.views.size(); ++index) {
        const ChainView &view = chain.views[index];
        steps.push_back(sqlStep(numbered("fill_", index).constData(),
                                QStringLiteral("Fill the table of %1").arg(view.name().display()), fill(chain, view),
                                drop(view)));
        indexes.statements << buildIndexes(chain, view);
        dressing << dress(chain, view);
        analyze << QStringLiteral("ANALYZE ") + view.newName().quoted();
    }
    steps.push_back(indexes);
    steps.push_back(sqlStep("dress", QStringLiteral("Give the tables owner, grants and comments"), dressing));
    steps.push_back(sqlStep("analyze", QStringLiteral("Analyse the tables"), analyze));
}

void addExchange(std::vector<Step> &steps, const ViewChain &chain, const std::vector<ddl::ViewRebuild> &rebuilds)
{
    QJsonArray inventories;
    QJsonArray tables;
    for (const ChainView &view : chain.views) {
        inventories.append(view.inventory.toJson());
        tables.append(
            QJsonObject{{QStringLiteral("schema"), view.name().schema}, {QStringLiteral("name"), view.name().name}});
    }
    Step settle = actionStep("settle", "managed.settle",
                             QStringLiteral("Wait for transactions that would not see the rows"), {});
    settle.risk = Risk::None;
    steps.push_back(settle);
    Step gate = actionStep("gate", "managed.gate", QStringLiteral("Compare all around the views with the plan"),
                           {{QStringLiteral("inventories"), inventories}});
    gate.risk = Risk::None;
    steps.push_back(gate);
    if (const QStringList back = ddl::refreshesBack(rebuilds); !back.isEmpty()) {
        Step settled = sqlStep("settle_back", QStringLiteral("On the way back: refresh the materialized views"), {},
                               back);
        settled.undoTransaction = StepTransaction::None;
        steps.push_back(settled);
    }
    Step exchanging = sqlStep("exchange", QStringLiteral("Let the tables take the names of the views"), exchange(chain),
                              exchangeBack(chain));
    exchanging.risk = Risk::Medium;
    exchanging.locks = exchangeLocks(chain);
    exchanging.undoLocks = exchangeBackLocks(chain);
    exchanging.checks = exchangeChecks(chain);
    steps.push_back(exchanging);
    steps.push_back(actionStep("bring_up", "managed.bring_up",
                               QStringLiteral("Bring the tables up to date and prove them equal to their definitions"),
                               {{QStringLiteral("tables"), tables}}));
}

void addFinishing(std::vector<Step> &steps, const ViewChain &chain, const std::vector<ddl::ViewRebuild> &rebuilds)
{
    QStringList drops;
    for (const ddl::ViewRebuild &rebuild : rebuilds | std::views::reverse)
        drops << rebuild.retire;
    drops << dropLeftovers(chain);
    if (drops.isEmpty())
        return;
    Step finish = sqlStep("finish", QStringLiteral("Drop what the old views left for the way back"), drops);
    finish.risk = Risk::High;
    finish.hold = true;
    finish.pointOfNoReturn = true;
    steps.push_back(finish);
}

QStringList notesOf(const ViewChain &chain, const std::vector<MaterializeObstacle> &obstacles)
{
    QStringList notes;
    for (const ChainView &view : chain.views) {
        notes << QStringLiteral("%1: %2 rows when looked at, kept by (%3); defined by %4 from then on.")
                     .arg(view.name().display(), units::count(view.rows), view.wish.key.join(QStringLiteral(", ")),
                          view.definitionName().display());
    }
    notes << QStringLiteral("From the exchange of names to the end of “bring up” the tables show what they were filled "
                            "with; from then on what their last refresh found.");
    for (const MaterializeObstacle &obstacle : obstacles)
        notes << QStringLiteral("%1: %2").arg(obstacle.object, obstacle.why);
    return notes;
}

} // namespace

Result<MaterializePlan> planMaterialize(pg::Session &session, const MaterializeSpec &spec, const pg::CallOptions &call)
{
    TIDEMARK_TRY(ViewChain chain, ViewChain::read(session, spec, call));
    MaterializePlan planned;
    std::vector<MaterializeObstacle> found;
    TIDEMARK_CHECK(propose(session, chain, found, call));
    planned.obstacles = findViewObstacles(chain);
    planned.obstacles.insert(planned.obstacles.begin(), found.begin(), found.end());
    planned.spec = spec;
    planned.spec.views.clear();
    for (const ChainView &view : chain.views)
        planned.spec.views.push_back(view.wish);
    if (std::any_of(planned.obstacles.begin(), planned.obstacles.end(),
                    [](const MaterializeObstacle &obstacle) { return obstacle.refuses; }))
        return planned;

    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session, call));
    const std::vector<ddl::ViewRebuild> rebuilds = rebuildsOf(chain);
    Plan plan;
    plan.kind = QStringLiteral("materialize");
    plan.title = QStringLiteral("Materialize %1").arg(namesOf(chain).join(QStringLiteral(", ")));
    plan.target = PlanTarget::of(capabilities);
    plan.spec = planned.spec.toJson();
    plan.notes = notesOf(chain, planned.obstacles);
    TIDEMARK_CHECK(addToolkit(plan.steps, chain));
    addTimings(plan.steps, spec, "timings_before", QStringLiteral("Time the queries over the views"));
    addFilling(plan.steps, chain);
    addExchange(plan.steps, chain, rebuilds);
    ddl::addViewRebuilds(plan.steps, rebuilds);
    addTimings(plan.steps, spec, "timings_after", QStringLiteral("Time the queries over the tables"), "timings_before");
    addFinishing(plan.steps, chain, rebuilds);
    planned.plan = std::move(plan);
    return planned;
}

Actions managedActions()
{
    Actions actions;
    actions.insert(QStringLiteral("managed.gate"), std::make_shared<GateAction>());
    actions.insert(QStringLiteral("managed.settle"), std::make_shared<SettleAction>());
    actions.insert(QStringLiteral("managed.bring_up"), std::make_shared<BringUpAction>());
    actions.insert(QStringLiteral("managed.timings"), std::make_shared<TimingsAction>());
    return actions;
}

} // namespace tidemark::managed
