// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"

#include <QMetaType>
#include <QString>

namespace tidemark::ui {

/// How loudly something asks for attention. Shown as icon, word and colour together; the order is not the urgency.
enum class Severity { Ok, Notice, Warning, Critical, Unknown };

/// What a model tells of a cell besides Qt's own roles. Colours, icons and pens are the delegates' work.
enum Role : int {
    SortRole = Qt::UserRole + 1, ///< what the column sorts by: a number, a text, or nothing (which sorts last)
    SeverityRole,                ///< int of Severity
    KeyRole,                     ///< text that names the row for good
    ObjectRole,                  ///< ObjectRef of the row
    NumberRole,                  ///< double; for a bar the share of its full length, above 1 is beyond it
    SeriesRole,                  ///< QList<double>, oldest first, for a sparkline
    ExportRole,                  ///< number or text without unit, for CSV
    DetailRole,                  ///< second text of the cell, dimmer
    PlainRole,                   ///< the cell's text as it is, where DisplayRole shows escapes: to copy and to look in
};

/// What a header tells of its column.
enum HeaderRole : int {
    ColumnIdRole = Qt::UserRole + 101, ///< stable id, for saved layouts and CSV
    ColumnCharsRole,                   ///< usual width in average characters
    ColumnStretchRole,                 ///< takes what is left of the width
    ColumnSpareRole,                   ///< int; where the width does not suffice, the highest are hidden first, 0 never
};

enum class ObjectKind { Server, Database, Refreshable, PartitionedTable, Partition, Backend, Job, Alerts };

/// Names one thing of one server, so that a click on it anywhere can lead to its page.
struct ObjectRef
{
    ObjectKind kind = ObjectKind::Server;
    QString server;
    QString database;
    quint32 oid = 0;
    pg::QualifiedName name;
    int pid = 0;
    friend bool operator==(const ObjectRef &, const ObjectRef &) = default;
};

/// Whether both name the same thing; what came from the history knows names but not always oids.
[[nodiscard]] inline bool isSame(const ObjectRef &a, const ObjectRef &b)
{
    const bool sameOid = a.oid == 0 || b.oid == 0 ? a.name == b.name : a.oid == b.oid;
    return a.kind == b.kind && a.server == b.server && a.pid == b.pid
           && (a.pid != 0 || (a.database == b.database && sameOid));
}

} // namespace tidemark::ui

Q_DECLARE_METATYPE(tidemark::ui::ObjectRef)
