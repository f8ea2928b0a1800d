// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/viewobstacles.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark::managed {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ViewObstacles)
};

class Search
{
public:
    explicit Search(const ViewChain &chain)
        : m_chain(chain)
    {
    }

    std::vector<MaterializeObstacle> run()
    {
        for (const ChainView &view : m_chain.views) {
            lookAtView(view);
            lookAtContent(view);
            lookAtFunctions(view);
            for (const Mention &mention : view.inventory.mentions)
                refuse(mention.description, Words::tr("It is bound to the view or its row type and cannot follow."),
                       Words::tr("Drop it, and make it again afterwards."));
        }
        lookAtDependents();
        std::stable_sort(m_found.begin(), m_found.end(),
                         [](const MaterializeObstacle &left, const MaterializeObstacle &right) {
                             return left.refuses && !right.refuses;
                         });
        return std::move(m_found);
    }

private:
    void refuse(const QString &object, const QString &why, const QString &wayOut = {})
    {
        m_found.push_back({true, object, why, wayOut});
    }
    void tell(const QString &object, const QString &why, const QString &wayOut = {})
    {
        m_found.push_back({false, object, why, wayOut});
    }

    void lookAtView(const ChainView &view);
    void lookAtContent(const ChainView &view);
    void lookAtFunctions(const ChainView &view);
    void lookAtDependents();

    const ViewChain &m_chain;
    std::vector<MaterializeObstacle> m_found;
};

void Search::lookAtView(const ChainView &view)
{
    const QString name = view.name().display();
    const RelationFacts &facts = view.inventory.facts;
    for (const QString &option : facts.options) {
        const QString key = option.section(QLatin1Char('='), 0, 0);
        static const QStringList off{QStringLiteral("false"), QStringLiteral("off"), QStringLiteral("0"),
                                     QStringLiteral("no")};
        const bool isOn = !off.contains(option.section(QLatin1Char('='), 1));
        if (key == QLatin1String("security_invoker") && isOn)
            refuse(name,
                   Words::tr("It is security_invoker: each reader sees what their own rights allow. A table shows "
                             "everybody the same rows."),
                   Words::tr("ALTER VIEW … SET (security_invoker = false), if all readers may see all of it."));
        else if (key == QLatin1String("security_barrier") && isOn)
            tell(name, Words::tr("It is security_barrier: the table holds only what the view lets through, so there is "
                                 "nothing left to be barred. The definition stays one."));
        else if (key == QLatin1String("check_option"))
            refuse(name,
                   Words::tr("It has a check option: rows are written through it, which a table kept by refreshes "
                             "would lose."),
                   Words::tr("Materialize a view that is only read."));
    }
    for (const Trigger &trigger : view.inventory.triggers)
        refuse(QStringLiteral("trigger ") + trigger.name,
               Words::tr("An INSTEAD OF trigger lets %1 be written; a table has none.").arg(name),
               Words::tr("Write to another view, and drop the trigger."));
    for (const Rule &rule : view.inventory.rules) {
        if (rule.own)
            refuse(QStringLiteral("rule ") + rule.name,
                   Words::tr("It lets %1 be written, or answers for it.").arg(name), Words::tr("Drop it."));
    }
    if (!facts.extension.isEmpty())
        refuse(name, Words::tr("It belongs to the extension %1, whose upgrade would miss it.").arg(facts.extension));
    const bool othersWrite = std::any_of(
        facts.privileges.begin(), facts.privileges.end(), [&](const Privilege &privilege) {
            return privilege.grantee != facts.owner
                   && (privilege.privilege == QLatin1String("INSERT") || privilege.privilege == QLatin1String("UPDATE")
                       || privilege.privilege == QLatin1String("DELETE"));
        });
    if (view.volatility.isUpdatable)
        tell(name,
             Words::tr(
                 "Rows can be written through it now. Of the table the refresh is the only writer: what others write "
                 "to it, the next one takes back."),
             othersWrite ? Words::tr("Privileges to write are not given on.") : QString());
    else if (othersWrite)
        tell(name, Words::tr("Privileges to write, which the view cannot use, are not given on to the table."));
}

void Search::lookAtContent(const ChainView &view)
{
    const QString name = view.name().display();
    const Volatility &volatility = view.volatility;
    if (!volatility.volatileFunctions.isEmpty())
        tell(name,
             Words::tr(
                 "It calls functions that may give another result each time: %1. A refresh is proven by computing it "
                 "twice, and fails where the results differ.")
                 .arg(volatility.volatileFunctions.join(QStringLiteral(", "))));
    if (!volatility.stableFunctions.isEmpty())
        tell(name,
             Words::tr("Its content follows the clock, the role or settings by: %1. Each refresh computes it with "
                       "time zone %2 and the rights of its owner.")
                 .arg(volatility.stableFunctions.join(QStringLiteral(", ")), m_chain.timeZone));
    if (view.keyMayBeNull)
        tell(name, Words::tr("Its key has NULLs: it gets a unique index, not a primary key, and rows are found without "
                             "the index."));
    if (view.isUnlogged())
        tell(name, Words::tr("It becomes UNLOGGED: a crash of the server leaves it empty until its next refresh, which "
                             "notices and fills it; standbys cannot read it, and no publication carries it."));
}

void Search::lookAtFunctions(const ChainView &view)
{
    for (const BoundFunction &function : view.inventory.functions) {
        if (!function.takesRow && !function.returnsRow)
            continue;
        const QString name = QStringLiteral("function %1(%2)").arg(function.name.display(), function.arguments);
        if (function.definition.isEmpty())
            refuse(name, Words::tr("An aggregate over the row type cannot follow the table."));
        else if (!function.extension.isEmpty())
            refuse(name, Words::tr("It belongs to the extension %1.").arg(function.extension));
        else if (!function.usedBy.isEmpty())
            refuse(name,
                   Words::tr("It is remade for the table's row type, and would leave behind: %1.")
                       .arg(function.usedBy.join(QStringLiteral(", "))),
                   Words::tr("Drop what uses it, and make that again afterwards."));
    }
}

void Search::lookAtDependents()
{
    const QSet<quint32> moved = m_chain.oids();
    for (const DependentView &view : m_chain.dependents(false)) {
        const QString name = QStringLiteral("%1 %2").arg(view.facts.kind, view.facts.name.display());
        if (view.rowType)
            refuse(name, Words::tr("It has a view's row type in a column or cast, which no CREATE OR REPLACE changes."),
                   Words::tr("Let it name the columns instead of the whole row."));
        if (view.facts.kind != QLatin1String("materialized view"))
            continue;
        const bool readsOne = std::any_of(view.reads.begin(), view.reads.end(),
                                          [&](quint32 oid) { return moved.contains(oid); });
        if (!m_chain.rebuildsViews) {
            if (readsOne)
                tell(name,
                     Words::tr("It goes on reading the views by their new names: right, but computed at each REFRESH."),
                     Words::tr("Let it be made anew over the tables (rebuild_views)."));
            continue;
        }
        if (readsOne)
            tell(name,
                 Words::tr("It is made anew over the tables, filled beside the old one, and takes its name then."));
        for (const Mention &mention : view.mentions)
            refuse(mention.description, Words::tr("It is bound to %1, which is made anew.").arg(name),
                   Words::tr("Leave materialized views as they are (rebuild_views false)."));
        for (const BoundFunction &function : view.functions) {
            if (function.takesRow || function.returnsRow)
                refuse(QStringLiteral("function ") + function.name.display(),
                       Words::tr("It is bound to the row type of %1, which is made anew.").arg(name),
                       Words::tr("Leave materialized views as they are (rebuild_views false)."));
        }
    }
}

} // namespace

std::vector<MaterializeObstacle> findViewObstacles(const ViewChain &chain)
{
    return Search(chain).run();
}

} // namespace tidemark::managed
