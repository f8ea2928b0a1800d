// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesssources.h"

#include "core/base/units.h"

#include <QCoreApplication>

#include <algorithm>
#include <limits>
#include <utility>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Freshness)
};

/// Kept in the store, so it must be the same in every build.
quint32 mixed(quint32 oid, quint32 fileNode)
{
    quint64 bits = (static_cast<quint64>(oid) << 32 | fileNode) * 0x9e3779b97f4a7c15ULL;
    bits = (bits ^ (bits >> 29)) * 0xbf58476d1ce4e5b9ULL;
    return static_cast<quint32>(bits >> 32);
}

} // namespace

void FreshnessSources::rebase(quint32 view, quint32 xmin, Instant committedBy, std::optional<qint64> before,
                              const SourceBase *earlier)
{
    const SourceReading *reading = !before && earlier != nullptr && earlier->lastReading ? &*earlier->lastReading
                                                                                         : nullptr;
    Base base;
    base.ofXmin = xmin;
    base.isWhole = before || reading != nullptr;
    const qint64 since = before.value_or(std::numeric_limits<qint64>::max());
    for (const quint32 source : sourcesOf(view)) {
        const auto relation = m_relations.constFind(source);
        if (relation == m_relations.cend())
            continue;
        base.modifications.insert(source, relation->modifications);
        std::optional<qint64> counted;
        if (before)
            counted = relation->history.at(*before);
        else if (reading != nullptr && reading->modifications.contains(source))
            counted = reading->modifications.value(source);
        base.isWhole = base.isWhole && counted;
        if (counted && *counted < relation->modifications)
            base.around.insert(source, relation->modifications - *counted);
        else if (counted && *counted > relation->modifications)
            base.blindSpot = Words::tr("the statistics of %1 were reset").arg(relation->name.display());
        if (relation->eventStamp > since)
            base.blindSpot = relation->event;
        // A refresh of a nested view that may be of after this one leaves it another file than the one known here.
        const bool isOtherFile = relation->fileStamp > since
                                 || (reading != nullptr && reading->fileNodes.value(source) != relation->fileNode);
        base.fileNodes.insert(source, relation->kind == 'm' && isOtherFile ? 0 : relation->fileNode);
        if (const auto print = leafPrint(source, std::numeric_limits<quint32>::max()))
            base.leaves.insert(source, *print);
    }
    base.definitions = m_edges.value(view).views;
    base.enumChanges = m_enumChanges.at(before ? *before : m_stamp).value_or(0);
    base.functionChanges = m_functionChanges.at(before ? *before : m_stamp).value_or(0);
    if (before) {
        for (auto between = base.definitions.cbegin(); between != base.definitions.cend(); ++between) {
            if (m_redefinedBy.value(between.key(), -1) > since)
                base.blindSpot = Words::tr("the definition of %1 changed").arg(m_views.value(between.key()));
        }
        if (m_resetStamp > since)
            base.blindSpot = Words::tr("the statistics of this database were reset");
    } else if (reading != nullptr) {
        base.blindSpot = structureChange(*reading, true);
        base.enumChanges = reading->enumChanges;
        base.functionChanges = reading->functionChanges;
        for (auto between = base.definitions.cbegin(); between != base.definitions.cend(); ++between) {
            if (reading->definitions.value(between.key()) != *between)
                base.blindSpot = Words::tr("the definition of %1 changed").arg(m_views.value(between.key()));
        }
    }
    base.look = before;
    base.settlesAt = committedBy + countersComeWithin;
    base.dirty = true;
    m_bases.insert(view, base);
}

void FreshnessSources::doubt(quint32 view)
{
    if (const auto base = m_bases.find(view); base != m_bases.end())
        base->doubtful = base->dirty = true;
}

void FreshnessSources::distrust(quint32 view)
{
    if (const auto base = m_bases.find(view); base != m_bases.end())
        markBlind(*base, Words::tr("its last refresh changed no row, so that only scans of it tell that it was one"));
}

void FreshnessSources::begin(quint32 view, Instant now)
{
    rebase(view, 0, now, std::nullopt, nullptr);
    m_bases[view].settlesAt = now;
}

void FreshnessSources::restore(quint32 view, const SourceBase &known)
{
    Base base;
    static_cast<SourceBase &>(base) = known;
    if (base.definitions.isEmpty()) { // kept by a release that did not know them
        base.definitions = m_edges.value(view).views;
        base.dirty = !base.definitions.isEmpty();
    }
    const bool hadSettled = base.settlesAt == Instant{} || (base.lastReading && base.lastReading->at >= base.settlesAt);
    for (auto counted = base.modifications.begin(); counted != base.modifications.end() && !hadSettled; ++counted) {
        const qint64 more = m_relations.value(counted.key()).modifications - *counted;
        if (more <= 0)
            continue;
        *counted += more;
        base.around[counted.key()] += more;
        base.dirty = true;
    }
    if (const QString change = structureChange(base, false); !change.isEmpty())
        markBlind(base, change);
    const bool isOfRefresh = base.settlesAt != Instant{};
    if (m_countedSince && isOfRefresh && *m_countedSince > base.settlesAt - countersComeWithin)
        markBlind(base, Words::tr("the statistics of this database were reset"));
    m_bases.insert(view, base);
}

QString FreshnessSources::structureChange(const SourceState &base, bool filesToo) const
{
    QString change;
    for (auto kept = base.leaves.cbegin(); kept != base.leaves.cend(); ++kept) {
        const auto relation = m_relations.constFind(kept.key());
        if (relation == m_relations.cend())
            continue;
        const bool holdsUncounted = std::any_of(relation->leaves.begin(), relation->leaves.end(), [&](quint32 leaf) {
            return leaf > kept->newest && m_leaves.value(leaf).holdsUncounted;
        });
        if (holdsUncounted || leafPrint(kept.key(), kept->newest) != *kept) {
            change = Words::tr("partitions of %1 were truncated, rewritten, dropped or attached while nobody watched")
                         .arg(relation->name.display());
        }
    }
    for (auto file = base.fileNodes.cbegin(); file != base.fileNodes.cend() && filesToo; ++file) {
        const auto relation = m_relations.constFind(file.key());
        if (relation != m_relations.cend() && relation->kind == 'r' && relation->fileNode != *file)
            change = Words::tr("%1 was truncated or rewritten").arg(relation->name.display());
    }
    return change;
}

std::optional<LeafPrint> FreshnessSources::leafPrint(quint32 relation, quint32 newest) const
{
    // Many views may read one table of many partitions.
    const QPair<quint32, quint32> asked(relation, newest);
    if (const auto known = m_prints.constFind(asked); known != m_prints.cend())
        return *known;
    LeafPrint print;
    for (const quint32 leaf : m_relations.value(relation).leaves) {
        if (leaf == relation || leaf > newest)
            continue;
        print.newest = std::max(print.newest, leaf);
        const auto known = m_leaves.constFind(leaf);
        print.sum += mixed(leaf, known == m_leaves.cend() ? 0 : known->fileNode);
    }
    return *m_prints.insert(asked, print.newest == 0 ? std::nullopt : std::optional(print));
}

void FreshnessSources::forget(quint32 view)
{
    m_bases.remove(view);
    m_notes.remove(view);
}

void FreshnessSources::setCountedSince(std::optional<Instant> since)
{
    const bool isOther = m_countedSince && since != m_countedSince;
    m_countedSince = since;
    if (!isOther)
        return;
    m_resetStamp = m_stamp;
    for (Base &base : m_bases)
        markBlind(base, Words::tr("the statistics of this database were reset"));
}

void FreshnessSources::include(quint32 view, quint32 source, quint32 xmin)
{
    const auto base = m_bases.find(view);
    if (base == m_bases.end() || base->included.value(source) == xmin)
        return;
    base->included.insert(source, xmin);
    base->dirty = true;
}

bool FreshnessSources::includes(quint32 view, quint32 source, quint32 xmin) const
{
    const auto base = m_bases.constFind(view);
    return base != m_bases.cend() && base->included.value(source) == xmin;
}

void FreshnessSources::keepReading(quint32 view, const SourceReading &look, qint64 stamp)
{
    const auto base = m_bases.find(view);
    if (base == m_bases.end())
        return;
    SourceReading reading = look;
    for (const quint32 source : sourcesOf(view)) {
        const auto relation = m_relations.constFind(source);
        if (relation == m_relations.cend())
            continue;
        if (const auto counted = relation->history.at(stamp))
            reading.modifications.insert(source, *counted);
        reading.fileNodes.insert(source, relation->fileNode);
        if (const auto print = leafPrint(source, std::numeric_limits<quint32>::max()))
            reading.leaves.insert(source, *print);
    }
    reading.definitions = m_edges.value(view).views;
    reading.enumChanges = m_enumChanges.at(stamp).value_or(0);
    reading.functionChanges = m_functionChanges.at(stamp).value_or(0);
    base->lastReading = reading;
    base->dirty = true;
}

std::vector<std::pair<quint32, const FreshnessSources::Base *>> FreshnessSources::takeDirty()
{
    std::vector<std::pair<quint32, const Base *>> dirty;
    for (auto base = m_bases.begin(); base != m_bases.end(); ++base) {
        if (base->dirty)
            dirty.emplace_back(base.key(), &*base);
        base->dirty = false;
    }
    return dirty;
}

FreshnessSources::Judgement FreshnessSources::judge(quint32 view, bool probable, const OrderOf &orderOf) const
{
    const auto base = m_bases.constFind(view);
    const auto edges = m_edges.constFind(view);
    if (edges == m_edges.cend() || edges->sources.empty())
        return {std::nullopt, Words::tr("its definition names no table")};
    if (base == m_bases.cend())
        return {};

    Judgement judgement{0, base->blindSpot, base->isWhole};
    const auto blind = [&](const QString &what) {
        if (judgement.blindSpot.isEmpty())
            judgement.blindSpot = what;
    };
    if (base->doubtful && probable)
        blind(Words::tr("its last change was probably a refresh, but nothing proves it"));
    for (auto between = edges->views.cbegin(); between != edges->views.cend(); ++between) {
        if (base->definitions.value(between.key(), *between) != *between)
            blind(Words::tr("the definition of %1 changed").arg(m_views.value(between.key())));
    }
    qint64 around = 0;
    for (const quint32 source : edges->sources) {
        const auto relation = m_relations.constFind(source);
        if (relation == m_relations.cend())
            continue;
        const QString name = relation->name.display();
        const bool isNested = relation->kind == 'm';
        const RefreshOrder order = isNested && orderOf ? orderOf(source) : RefreshOrder::Unknown;
        if (order == RefreshOrder::Included)
            continue;
        if (relation->kind == 'f')
            blind(Words::tr("changes of the foreign table %1 are not counted here").arg(name));
        if (relation->hasForeignLeaf)
            blind(Words::tr("changes of foreign partitions of %1 are not counted here").arg(name));
        if (!base->modifications.contains(source)) {
            // A release that did not know definitions may have left a base of before they changed.
            blind(Words::tr("what it reads was defined anew: now it reads %1").arg(name));
            continue;
        }
        qint64 changes = relation->modifications - base->modifications.value(source);
        if (changes < 0)
            blind(Words::tr("the counters of %1 went back while nobody watched").arg(name));
        changes = std::max<qint64>(0, changes);
        const qint64 unsure = base->around.value(source);
        if (order == RefreshOrder::After)
            changes += unsure;
        else
            around += unsure;
        *judgement.changes += changes;
        const bool otherFile = base->fileNodes.value(source, relation->fileNode) != relation->fileNode;
        if (relation->kind == 'r' && otherFile)
            blind(Words::tr("%1 was truncated or rewritten").arg(name));
        // A refresh counts the rows it writes, but not those it throws away.
        if (isNested && otherFile && changes == 0)
            blind(Words::tr("%1 was rewritten, or refreshed to no rows").arg(name));
    }
    if (around > 0)
        blind(Words::tr("rows changed around its refresh, and it may lack them: %1").arg(units::count(around)));
    const auto note = m_notes.value(view);
    bool readsEnum = note.readsEnum;
    bool callsFunctions = note.callsFunctions;
    bool isRead = m_notes.contains(view);
    blind(note.whyNot);
    for (auto between = edges->views.cbegin(); between != edges->views.cend(); ++between) {
        const auto inner = m_notes.constFind(between.key());
        isRead = isRead && inner != m_notes.cend();
        if (inner == m_notes.cend())
            continue;
        readsEnum = readsEnum || inner->readsEnum;
        callsFunctions = callsFunctions || inner->callsFunctions;
        blind(inner->whyNot);
    }
    if (readsEnum && m_enumChanges.at(m_stamp).value_or(base->enumChanges) != base->enumChanges)
        blind(Words::tr("labels of enum types changed, and it reads such a type"));
    if (callsFunctions && m_functionChanges.at(m_stamp).value_or(base->functionChanges) != base->functionChanges)
        blind(Words::tr("functions were defined anew, and it calls some that are not built in"));
    if (!isRead)
        blind(Words::tr("its definition has not been looked into yet"));
    return judgement;
}

void FreshnessSources::noteEvent(Relation &relation, const QString &what) const
{
    relation.event = what;
    relation.eventStamp = m_stamp;
}

void FreshnessSources::markBlind(quint32 root, const QString &what)
{
    const auto relation = m_relations.find(root);
    if (relation == m_relations.end())
        return;
    noteEvent(*relation, what);
    for (const quint32 view : relation->readBy) {
        const auto base = m_bases.find(view);
        if (base != m_bases.end() && base->modifications.contains(root))
            markBlind(*base, what);
    }
}

void FreshnessSources::markBlind(Base &base, const QString &what)
{
    base.blindSpot = what;
    base.dirty = true;
}

} // namespace tidemark
