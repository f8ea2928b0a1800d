// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/steps.h"

namespace tidemark::ddl {

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

void addViewRebuilds(std::vector<Step> &steps, const std::vector<ViewRebuild> &rebuilds)
{
    int number = 0;
    for (const ViewRebuild &rebuild : rebuilds) {
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

QStringList refreshesBack(const std::vector<ViewRebuild> &rebuilds)
{
    QStringList statements;
    for (const ViewRebuild &rebuild : rebuilds) {
        if (!rebuild.refreshBack.isEmpty())
            statements << rebuild.refreshBack;
    }
    return statements;
}

} // namespace tidemark::ddl
