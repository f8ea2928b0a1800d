// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/stagesteps.h"

#include "core/ddl/rebind.h"
#include "core/pg/session.h"

#include <QJsonArray>

namespace tidemark::stage {

Step sqlStep(const char *name, const QString &title, const QStringList &statements, const QStringList &undo)
{
    Step step;
    step.name = QLatin1String(name);
    step.title = title;
    step.statements = statements;
    step.undo = undo;
    return step;
}

Step actionStep(const char *name, const char *action, const QString &title, const QJsonObject &parameters)
{
    Step step;
    step.name = QLatin1String(name);
    step.action = QLatin1String(action);
    step.title = title;
    step.transaction = StepTransaction::Own;
    step.parameters = parameters;
    return step;
}

std::vector<StepLock> stepLocks(const std::vector<SwapLock> &locks)
{
    std::vector<StepLock> all;
    for (const SwapLock &lock : locks)
        all.push_back({lock.relation, lockModeFromSql(lock.mode).value_or(LockMode::AccessExclusive)});
    return all;
}

Step fidelityStep(const TableInventory &source, const ShadowSpec &shadow, const QSet<QString> &waivers, bool afterSwap,
                  const QStringList &added)
{
    QStringList waived(waivers.begin(), waivers.end());
    waived.sort();
    QJsonObject parameters{{QStringLiteral("inventory"), source.toJson()},
                           {QStringLiteral("shadow"), shadow.toJson()},
                           {QStringLiteral("waivers"), QJsonArray::fromStringList(waived)},
                           {QStringLiteral("after_swap"), afterSwap}};
    if (!added.isEmpty())
        parameters.insert(QStringLiteral("added"), QJsonArray::fromStringList(added));
    Step step = actionStep(afterSwap ? "fidelity_after" : "fidelity", "stage.fidelity",
                           afterSwap ? QStringLiteral("Compare the new table with what the old one was")
                                     : QStringLiteral("Compare all that belongs to the tables"),
                           parameters);
    step.risk = afterSwap ? Risk::Low : Risk::None;
    return step;
}

void addViewRebuilds(std::vector<Step> &steps, const TableInventory &source)
{
    int number = 0;
    for (const ddl::ViewRebuild &rebuild : ddl::rebuildViews(source)) {
        const QByteArray suffix = QByteArray::number(++number);
        const QString view = rebuild.view.display();
        steps.push_back(sqlStep(("view_create_" + suffix).constData(), QStringLiteral("Make %1 anew").arg(view),
                                rebuild.create, {rebuild.drop}));
        if (!rebuild.refresh.isEmpty()) {
            Step fill = sqlStep(("view_fill_" + suffix).constData(), QStringLiteral("Fill the new %1").arg(view),
                                {rebuild.refresh});
            fill.transaction = StepTransaction::None;
            steps.push_back(fill);
        }
        steps.push_back(sqlStep(("view_dress_" + suffix).constData(),
                                QStringLiteral("Give it indexes, grants and comments"), rebuild.complete));
        Step exchange = sqlStep(("view_swap_" + suffix).constData(), QStringLiteral("Swap %1").arg(view),
                                rebuild.exchange, rebuild.exchangeBack);
        exchange.risk = Risk::Medium;
        exchange.locks = exchange.undoLocks = {{rebuild.view, LockMode::AccessExclusive}};
        steps.push_back(exchange);
    }
}

void addSettlingBack(std::vector<Step> &steps, const QStringList &validation, const TableInventory &source)
{
    QStringList settle = validation;
    for (const ddl::ViewRebuild &rebuild : ddl::rebuildViews(source)) {
        if (!rebuild.refreshBack.isEmpty())
            settle << rebuild.refreshBack;
    }
    if (settle.isEmpty())
        return;
    Step settled = sqlStep(
        "settle_back", QStringLiteral("On the way back: validate the foreign keys and refresh the views"), {}, settle);
    settled.undoTransaction = StepTransaction::None;
    steps.push_back(settled);
}

void addDrops(std::vector<Step> &steps, const QStringList &statements)
{
    int number = 0;
    for (const QString &statement : statements) {
        ++number;
        Step drop = sqlStep(("drop_" + QByteArray::number(number)).constData(),
                            QStringLiteral("Drop what is left of the old table (%1)").arg(number), {statement});
        drop.risk = Risk::High;
        drop.pointOfNoReturn = true;
        steps.push_back(drop);
    }
}

Result<std::pair<QString, QString>> readExtremes(pg::Session &session, const pg::QualifiedName &table,
                                                 const QString &column, const pg::CallOptions &call)
{
    const QString quoted = pg::quoteIdentifier(column);
    const QString sql = QStringLiteral("SELECT min(%1)::text, max(%1)::text FROM %2 WHERE %3")
                            .arg(quoted, table.quoted(),
                                 QStringLiteral("%1::text NOT IN ('infinity', '-infinity')").arg(quoted));
    TIDEMARK_TRY(const auto rows, session.exec(sql.toUtf8(), {}, call));
    return std::pair(rows.text(0, 0), rows.text(0, 1));
}

} // namespace tidemark::stage
