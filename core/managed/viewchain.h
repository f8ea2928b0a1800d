// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tableinventory.h"
#include "core/managed/materializespec.h"

#include <QSet>

namespace tidemark::managed {

/// What a view's result depends on beside the rows it reads, which no refresh can know of.
struct Volatility
{
    QStringList volatileFunctions; ///< another result each time: random(), nextval()
    QStringList
        stableFunctions;      ///< of the clock, the role or settings: now(), current_user, date_trunc of a timestamptz
    bool isUpdatable = false; ///< rows can be written through it
};

/// One view of a chain with all around it.
struct ChainView
{
    TableInventory inventory; ///< of the view, as it was before anything changed
    QString definition;       ///< its query, without the final semicolon
    ViewWish wish;            ///< all filled in
    Volatility volatility;
    bool keyMayBeNull = false; ///< its content has a NULL in the key
    qint64 rows = 0;           ///< that it had when it was looked at

    [[nodiscard]] const pg::QualifiedName &name() const { return inventory.facts.name; }
    [[nodiscard]] pg::QualifiedName definitionName() const { return {name().schema, wish.definition}; }
    /// Of the table until it takes the view's name.
    [[nodiscard]] pg::QualifiedName newName() const;
    [[nodiscard]] bool isUnlogged() const { return wish.unlogged.value_or(false); }
};

/// Views that become tables together, each after those it reads, and what depends on them.
struct ViewChain
{
    std::vector<ChainView> views;
    int serverVersion = 0;
    bool hasToolkit = false;       ///< its part for managed tables is installed
    bool isPublishedToAll = false; ///< by a publication FOR ALL TABLES
    QString timeZone;
    bool rebuildsViews = true;

    [[nodiscard]] QSet<quint32> oids() const;
    [[nodiscard]] const ChainView *find(quint32 oid) const;
    /// All views and materialized views that read any of them, each once and after what it reads; those of the chain too. With
    /// `exchanged` those have the names that they have afterwards.
    [[nodiscard]] std::vector<DependentView> dependents(bool exchanged) const;

    /// Reads all of it; proposes nothing. Errors: Missing; Input for what is no view.
    [[nodiscard]] static Result<ViewChain> read(pg::Session &session, const MaterializeSpec &spec,
                                                const pg::CallOptions &call);
};

} // namespace tidemark::managed
