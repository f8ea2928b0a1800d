// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/fidelityaction.h"

#include "core/stage/shadowspec.h"

#include <QJsonArray>

namespace tidemark::stage {

namespace {

QSet<QString> waiversOf(const Step &step)
{
    QSet<QString> waivers;
    for (const QJsonValue &value : step.parameters.value(QStringLiteral("waivers")).toArray())
        waivers << value.toString();
    return waivers;
}

/// Takes what the plan itself put on the table out of what was read.
void forgetAdded(const Step &step, TableInventory &table)
{
    QSet<QString> added;
    for (const QJsonValue &value : step.parameters.value(QStringLiteral("added")).toArray())
        added << value.toString();
    std::erase_if(table.constraints,
                  [&](const TableConstraint &constraint) { return added.contains(constraint.name); });
    std::erase_if(table.indexes, [&](const TableIndex &index) { return added.contains(index.name); });
}

/// Tells every difference and fails on those that nobody waived.
Status judge(StepContext &context, const std::vector<Difference> &differences, const QString &otherwise,
             const QString &wayOut)
{
    const std::vector<Difference> standing = unwaived(differences, waiversOf(context.step()));
    if (standing.empty())
        return {};
    QStringList keys;
    for (const Difference &difference : standing) {
        keys << difference.key();
        context.tell(
            QStringLiteral("error"),
            QStringLiteral("%1: “%2” became “%3”").arg(difference.key(), difference.source, difference.target));
    }
    return fail(Error::input(QStringLiteral("%1: %2").arg(otherwise, keys.join(QLatin1String("; "))), wayOut));
}

} // namespace

Result<StepOutcome> FidelityAction::execute(StepContext &context) const
{
    const QJsonObject &parameters = context.step().parameters;
    TIDEMARK_TRY(const TableInventory planned,
                 TableInventory::fromJson(parameters.value(QStringLiteral("inventory")).toObject()));
    TIDEMARK_TRY(const ShadowSpec shadow, ShadowSpec::fromJson(parameters.value(QStringLiteral("shadow")).toObject()));
    const bool afterSwap = parameters.value(QStringLiteral("after_swap")).toBool();
    TIDEMARK_TRY(TableInventory named, readTableInventory(context.session(), planned.facts.name, context.call()));
    forgetAdded(context.step(), named);
    if (afterSwap) {
        TIDEMARK_CHECK(judge(context, diff(planned, named, fidelityRules(planned, shadow, true)),
                             QStringLiteral("the new table is not all that the old one was"),
                             QStringLiteral("Put it right by hand and resume, or undo the run.")));
        return StepOutcome{};
    }
    TIDEMARK_CHECK(judge(context, diff(planned, named),
                         QStringLiteral("%1 was changed since the plan was made").arg(planned.facts.name.display()),
                         QStringLiteral("Undo this run and make the plan anew.")));
    TIDEMARK_TRY(const TableInventory made,
                 readTableInventory(context.session(), {planned.facts.name.schema, shadow.shadowName}, context.call()));
    TIDEMARK_CHECK(judge(context, diff(planned, made, fidelityRules(planned, shadow, false)),
                         QStringLiteral("the new table lacks what the old one has"),
                         QStringLiteral("Put it right by hand and resume, or undo the run.")));
    return StepOutcome{};
}

Status FidelityAction::undo(StepContext &) const
{
    return {};
}

} // namespace tidemark::stage
