// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/viewchain.h"

#include "core/ddl/identifiers.h"
#include "core/pg/sqllibrary.h"

#include <QHash>

#include <algorithm>

namespace tidemark::managed {

namespace {

Result<ChainView> readView(pg::Session &session, const ViewWish &wish, const MaterializeSpec &spec,
                           const pg::CallOptions &call)
{
    ChainView view;
    TIDEMARK_TRY(view.inventory, readTableInventory(session, wish.view, call));
    const RelationFacts &facts = view.inventory.facts;
    if (facts.kind != QLatin1String("view")) {
        return fail(Error::input(
            QStringLiteral("%1 is a %2; only a view becomes a managed table").arg(wish.view.display(), facts.kind),
            facts.kind == QLatin1String("materialized view")
                ? QStringLiteral("Make a view of its query, and materialize that.")
                : QString()));
    }
    view.wish = wish;
    view.wish.view = facts.name;
    if (wish.definition.isEmpty())
        view.wish.definition = ddl::madeName(facts.name.name, QStringLiteral("_def"));
    view.wish.unlogged = wish.unlogged.value_or(spec.unlogged);
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("managed/view"), session.serverVersion());
    TIDEMARK_TRY(const auto rows, session.exec(query.sql, {facts.oid}, call));
    view.definition = rows.text(0, rows.column("definition"));
    view.volatility = {rows.texts(0, rows.column("volatile_functions")), rows.texts(0, rows.column("stable_functions")),
                       rows.boolean(0, rows.column("updatable"))};
    return view;
}

bool reads(const ChainView &reader, const ChainView &source)
{
    return std::any_of(source.inventory.views.begin(), source.inventory.views.end(),
                       [&](const DependentView &view) { return view.facts.oid == reader.inventory.facts.oid; });
}

/// Each after those it reads: one that reads another is read by fewer.
void sort(std::vector<ChainView> &views)
{
    QHash<quint32, qsizetype> readers;
    for (const ChainView &source : views) {
        readers.insert(
            source.inventory.facts.oid,
            std::count_if(views.begin(), views.end(), [&](const ChainView &reader) { return reads(reader, source); }));
    }
    std::stable_sort(views.begin(), views.end(), [&](const ChainView &left, const ChainView &right) {
        return readers.value(left.inventory.facts.oid) > readers.value(right.inventory.facts.oid);
    });
}

} // namespace

pg::QualifiedName ChainView::newName() const
{
    return {name().schema, ddl::nameBefore(name().name)};
}

QSet<quint32> ViewChain::oids() const
{
    QSet<quint32> all;
    for (const ChainView &view : views)
        all.insert(view.inventory.facts.oid);
    return all;
}

const ChainView *ViewChain::find(quint32 oid) const
{
    const auto found = std::find_if(views.begin(), views.end(),
                                    [oid](const ChainView &view) { return view.inventory.facts.oid == oid; });
    return found == views.end() ? nullptr : &*found;
}

std::vector<DependentView> ViewChain::dependents(bool exchanged) const
{
    std::vector<DependentView> all;
    QHash<quint32, std::size_t> places;
    for (const ChainView &view : views) {
        for (const DependentView &dependent : view.inventory.views) {
            const auto place = places.constFind(dependent.facts.oid);
            if (place == places.cend()) {
                places.insert(dependent.facts.oid, all.size());
                all.push_back(dependent);
                continue;
            }
            // Seen from each view of the chain it reads what that one's readers are.
            DependentView &known = all[*place];
            known.depth = std::max(known.depth, dependent.depth);
            known.rowType = known.rowType || dependent.rowType;
            for (const quint32 oid : dependent.reads) {
                if (std::find(known.reads.begin(), known.reads.end(), oid) == known.reads.end())
                    known.reads.push_back(oid);
            }
        }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const DependentView &left, const DependentView &right) { return left.depth < right.depth; });
    for (DependentView &dependent : all) {
        const ChainView *member = find(dependent.facts.oid);
        if (member && exchanged)
            dependent.facts.name = member->definitionName();
    }
    return all;
}

Result<ViewChain> ViewChain::read(pg::Session &session, const MaterializeSpec &spec, const pg::CallOptions &call)
{
    ViewChain chain;
    chain.serverVersion = session.serverVersion();
    chain.timeZone = spec.timeZone;
    chain.rebuildsViews = spec.rebuildViews;
    for (const ViewWish &wish : spec.views) {
        TIDEMARK_TRY(ChainView view, readView(session, wish, spec, call));
        chain.views.push_back(std::move(view));
    }
    sort(chain.views);
    TIDEMARK_TRY(const auto facts,
                 session.exec("SELECT pg_catalog.to_regclass('tidemark.managed_table') IS NOT NULL, "
                              "EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.puballtables)",
                              {}, call));
    chain.hasToolkit = facts.boolean(0, 0);
    chain.isPublishedToAll = facts.boolean(0, 1);
    return chain;
}

} // namespace tidemark::managed
