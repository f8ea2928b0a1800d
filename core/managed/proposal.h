// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/managed/viewchain.h"

namespace tidemark::managed {

/// A column of a view, as far as keys and indexes follow from it.
struct ProposalColumn
{
    QString name;
    QString type;          ///< as format_type prints it, of a domain the type below it
    bool isOrdered = true; ///< it can be part of a key
};

/// Two columns that say from when to when a row is valid.
struct Validity
{
    QString from;
    QString to;
    QString function; ///< "daterange"
    QString bounds;   ///< "(]"
    friend bool operator==(const Validity &, const Validity &) = default;
};

/// Sets of columns that may be the key, in the order in which they are tried: what names a row by itself, then what the view
/// begins with, then a name and a moment. Pure.
[[nodiscard]] std::vector<QStringList> keyCandidates(const std::vector<ProposalColumn> &columns);
[[nodiscard]] std::optional<Validity> validityOf(const std::vector<ProposalColumn> &columns);
/// Besides that of the key: GiST on the validity, on columns that name other rows B-tree, GIN on tsvectors. Pure; without
/// names. `empty` are columns that hold no value at all.
[[nodiscard]] std::vector<IndexWish> indexProposals(const std::vector<ProposalColumn> &columns, const QStringList &key,
                                                    const std::optional<Validity> &validity, const QStringList &empty);
/// The column by which parts are refreshed: when a row begins to be valid, else the first date or time of the key. Pure.
[[nodiscard]] QString rangeProposal(const std::vector<ProposalColumn> &columns, const QStringList &key,
                                    const std::optional<Validity> &validity);

/// Fills in what the wishes of a chain leave open and checks what they say, on the content: computes each view once.
/// Obstacles for what does not hold are added. Errors: those of the session.
[[nodiscard]] Status propose(pg::Session &session, ViewChain &chain, std::vector<MaterializeObstacle> &obstacles,
                             const pg::CallOptions &call);

} // namespace tidemark::managed
