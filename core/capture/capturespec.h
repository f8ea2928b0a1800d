// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"

#include <QStringList>

#include <vector>

namespace tidemark {

/// A column of the key that changes are captured by, as the catalogue has it.
struct KeyColumn
{
    QString name;
    QString type;      ///< for SQL, with its schema; of a domain the type below it
    QString collation; ///< for SQL, quoted; empty where the type has none
    QString equality;  ///< the operator its unique index compares with, as it stands in OPERATOR(…)
    friend bool operator==(const KeyColumn &, const KeyColumn &) = default;
};

/// Statement triggers with transition tables cost writers the least. Row triggers stand in where the server allows no
/// transition tables (hypertables) and where statement triggers do not fire: rows applied by a logical subscription, and
/// those of a partition that a statement reaches through the table above.
enum class CaptureFlavour { Statement, Row };

/// One capture: whose changed keys go where. A value; the SQL for it is in capturesql.h, what it is for in reconciler.h.
///
/// `key` is any set of NOT NULL columns that is unique in the source: normally the primary key. Add the columns the target
/// is partitioned by, where they are NOT NULL: a key that says where its row was lets the target find it in one partition.
struct CaptureSpec
{
    pg::QualifiedName source;
    /// Unlike any other in the database: the log's name, which functions and triggers carry too ("capture_12_1").
    QString name;
    std::vector<KeyColumn> key;
    CaptureFlavour flavour = CaptureFlavour::Statement;
    /// Fires for replicated writes too (session_replication_role). TimescaleDB refuses that of hypertables: there a writer
    /// of that kind goes unseen.
    bool always = true;
    /// Everything below a partitioned source, all levels: a statement trigger fires for the table the statement names.
    std::vector<pg::QualifiedName> partitions;

    /// Keys of changed rows: k1, k2 … and when.
    [[nodiscard]] pg::QualifiedName log() const;
    /// What TRUNCATE took away, as conditions on rows.
    [[nodiscard]] pg::QualifiedName truncations() const;
    /// The source and its partitions.
    [[nodiscard]] std::vector<pg::QualifiedName> watched() const;
    friend bool operator==(const CaptureSpec &, const CaptureSpec &) = default;
};

/// The other capture mode: besides logging its keys, a statement that changes the source changes the target too.
struct CaptureMirror
{
    pg::QualifiedName target; ///< with its indexes: each statement looks its keys up there
    QStringList columns;      ///< all but generated ones
    /// False: what the target refuses stays in the log, and the statement succeeds. True: it fails.
    bool strict = false;
};

/// The longest name a capture may have: what is made of it must fit an identifier.
inline constexpr qsizetype longestCaptureName = 63 - qsizetype(sizeof("tidemark_") - 1 + sizeof("_truncations") - 1);

} // namespace tidemark
