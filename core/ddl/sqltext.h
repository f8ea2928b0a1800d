// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tableinventory.h"

namespace tidemark::ddl {

/// Small pieces of DDL that several kinds of object have in common. All pure; without final semicolons.

/// "a", "b" quoted and joined.
[[nodiscard]] QString quotedList(const QStringList &names);
/// A role, or PUBLIC for the empty name.
[[nodiscard]] QString quotedRole(const QString &role);
/// "key='value', …" of stored options such as "fillfactor=70".
[[nodiscard]] QString optionList(const QStringList &options);
/// COMMENT ON object IS '…'; nothing for no comment.
void addComment(QStringList &statements, const QString &object, const QString &comment);
void addLabels(QStringList &statements, const QString &object, const std::vector<SecurityLabel> &labels);

/// What a fresh object of this kind gives its owner and PUBLIC, sorted as "SELECT", …
enum class GrantKind { Table, Sequence, Function };

/// Makes a fresh object's privileges exactly these: takes back what default privileges gave, grants, and speaks as another
/// grantor where the owner was not the one. `object` is "TABLE x", "SEQUENCE x", "FUNCTION f(int)".
void addGrants(QStringList &statements, GrantKind kind, const QString &object, const QString &owner,
               const std::vector<Privilege> &privileges, const QStringList &defaultGrantees, int serverVersion);
/// The same for the columns of a relation, which have none of their own when fresh.
void addColumnGrants(QStringList &statements, const QString &relation, const QString &owner,
                     const std::vector<TableColumn> &columns);

/// Storage, statistics target and options of columns that differ from the defaults. `head` is "ALTER TABLE x".
void addColumnSettings(QStringList &statements, const QString &head, const std::vector<TableColumn> &columns,
                       bool withStorage);

/// Appends a column to the first parenthesized list of a definition: the key of an index or constraint.
[[nodiscard]] QString withKeyColumn(const QString &definition, const QString &column);

} // namespace tidemark::ddl
