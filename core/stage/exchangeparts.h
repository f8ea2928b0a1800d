// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// What every exchange of names has to do with the things around the table, as exact statements in the order of the calls.
/// Forward the new table gets the name and the old one steps away; back it is the other way round. What the two tables
/// themselves go through differs: a copied one is swapped (swapddl.h), an attached one becomes a partition (attachddl.h).
class ExchangeParts
{
public:
    ExchangeParts(const TableInventory &source, const ShadowSpec &spec, bool forward);

    [[nodiscard]] const TableInventory &source() const { return m_source; }
    [[nodiscard]] const ShadowSpec &spec() const { return m_spec; }
    [[nodiscard]] bool forward() const { return m_forward; }
    /// The name that changes hands, and that of the table that gives it up, from then on; both quoted.
    [[nodiscard]] const QString &table() const { return m_table; }
    [[nodiscard]] const QString &away() const { return m_away; }
    [[nodiscard]] QString inSchema(const QString &name) const;
    [[nodiscard]] bool isNative() const { return m_spec.shape == ShadowShape::Native; }
    /// The partitions of the spec, quoted.
    [[nodiscard]] QStringList partitions() const;
    /// Whether the foreign key is there after the exchange.
    [[nodiscard]] bool isKept(const ForeignKey &key) const;
    /// Below 18 a key of a partitioned table that refers to this one is checked in full when it is added.
    [[nodiscard]] bool inboundNeedsScan(const ForeignKey &key) const;

    void add(const QString &statement) { m_statements << statement; }
    void add(const QStringList &statements) { m_statements << statements; }
    void addObjectComment(const QString &kind, const QString &name, const QString &comment);
    void addForeignKey(const QString &table, const ForeignKey &key, bool validNow);
    void validate(const QString &table, const ForeignKey &key);

    /// The new table and its parts between their names before the swap and those for good; after it got the name, or before
    /// it gives it up.
    void renameNewTable();
    /// Serials belong to the table of the name; the identity of that table goes on where the other's was. `other` gives the
    /// name that the other table's sequence has meanwhile.
    void moveSequences(QString (*other)(const QString &));
    /// Checks that were never validated, triggers, rules, policies and row security of the new table; and off it again.
    void addWaitingChecks();
    void addTriggers();
    void addRules();
    void addPolicies();
    void dropPolicies();
    void dropRules();
    void dropTriggers();
    void dropWaitingChecks();
    void dropInboundKeys();
    void addInboundKeys();
    void movePublications();

    [[nodiscard]] QStringList take() { return std::move(m_statements); }

private:
    const TableInventory &m_source;
    const ShadowSpec &m_spec;
    bool m_forward;
    QString m_table;
    QString m_away;
    QStringList m_statements;
};

} // namespace tidemark::stage
