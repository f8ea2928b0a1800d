// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <QRandomGenerator>
#include <QStringList>

namespace tidemark::test {

/// A table that random writers change: its shape, and the words for it.
struct RandomTable
{
    enum class Key { Bigint, Composite, Uuid, LooseText, DomainAndEnum, Numeric, Citext };

    Key key = Key::Bigint;
    bool isPartitioned = false; ///< by ts, which is part of its key then
    bool hasMerge = false;      ///< the server has MERGE
    bool tsMayBeNull = false;

    /// Types, the referenced table, the table itself, its partitions; `rows` rows in it.
    [[nodiscard]] QByteArray create(int rows) const;
    [[nodiscard]] QStringList keyColumns() const;
    /// Their values for a number, as SQL; the same for the same number.
    [[nodiscard]] QStringList keyValues(const QString &number) const;
    [[nodiscard]] QString keyMatches(const QString &alias, const QString &number) const;
    /// The key and what the table is partitioned by.
    [[nodiscard]] QString uniqueColumns() const;
    /// Partitions, and the table: what a writer may name.
    [[nodiscard]] QStringList names() const;
};

/// One session of an application: transactions of every isolation, savepoints, every kind of statement, some of them
/// as a replica. It never waits for a lock longer than its session's lock_timeout; what fails is rolled back. What it does
/// depends on nothing but the random numbers and what the statements answered.
class RandomWriter
{
public:
    RandomWriter(pg::Session &session, const RandomTable &table, QRandomGenerator &random, QStringList &journal);

    /// One statement, or the beginning or end of a transaction.
    void act();
    /// Ends what is open, one way or the other.
    void finish();

private:
    [[nodiscard]] QString statement();
    [[nodiscard]] QString update();
    [[nodiscard]] QString number() { return QString::number(m_random.bounded(1, 70)); }
    [[nodiscard]] QString relation();
    [[nodiscard]] QString timestamp();
    void copyIn();
    bool run(const QString &sql);

    pg::Session &m_session;
    const RandomTable &m_table;
    QRandomGenerator &m_random;
    QStringList &m_journal;
    QString m_name;
    bool m_inTransaction = false;
    int m_savepoints = 0;
};

} // namespace tidemark::test
