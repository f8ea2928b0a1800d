// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tableobjects.h"

namespace tidemark {

/// What acts on a table or is bound to it from outside, as values (rules as in tableobjects.h).

struct Trigger
{
    QString name;
    QString definition; ///< names the table
    QString enabled;    ///< "ENABLE", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"
    bool isConstraint = false;
    bool isRow = false;
    bool isBefore = false;
    bool transitionTables = false;
    QString function;
    QString comment;
    friend bool operator==(const Trigger &, const Trigger &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("definition", self.definition);
        visit("enabled", self.enabled);
        visit("is_constraint", self.isConstraint);
        visit("is_row", self.isRow);
        visit("is_before", self.isBefore);
        visit("transition_tables", self.transitionTables);
        visit("function", self.function);
        visit("comment", self.comment);
    }
};

/// A rewrite rule of the table (own), or of another that mentions it.
struct Rule
{
    QString name;
    pg::QualifiedName relation;
    bool own = true;
    QString definition;
    QString enabled; ///< as of Trigger
    QString comment;
    friend bool operator==(const Rule &, const Rule &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("schema", self.relation.schema);
        visit("relation", self.relation.name);
        visit("own", self.own);
        visit("definition", self.definition);
        visit("enabled", self.enabled);
        visit("comment", self.comment);
    }
};

/// A row security policy of the table (own), or of another that mentions it.
struct Policy
{
    QString name;
    pg::QualifiedName relation;
    bool own = true;
    bool permissive = true;
    QString command;   ///< "ALL", "SELECT" …
    QStringList roles; ///< none: PUBLIC
    QString usingExpression;
    QString checkExpression;
    QString comment;
    friend bool operator==(const Policy &, const Policy &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("schema", self.relation.schema);
        visit("relation", self.relation.name);
        visit("own", self.own);
        visit("permissive", self.permissive);
        visit("command", self.command);
        visit("roles", self.roles);
        visit("using", self.usingExpression);
        visit("check", self.checkExpression);
        visit("comment", self.comment);
    }
};

struct PublicationMembership
{
    QString name;
    QString scope; ///< "table", "schema", "all tables"
    bool viaRoot = false;
    QStringList columns; ///< none: all
    QString rowFilter;
    friend bool operator==(const PublicationMembership &, const PublicationMembership &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("scope", self.scope);
        visit("via_root", self.viaRoot);
        visit("columns", self.columns);
        visit("row_filter", self.rowFilter);
    }
};

/// A function bound to the relation by its catalogue number: a BEGIN ATOMIC body, or the row type as argument or result.
struct BoundFunction
{
    quint32 oid = 0;
    pg::QualifiedName name;
    QString arguments;
    QString kind;       ///< "FUNCTION", "PROCEDURE", "AGGREGATE"
    QString definition; ///< CREATE OR REPLACE …; empty for an aggregate
    bool bodyNames = false;
    bool takesRow = false;
    bool returnsRow = false;
    QString owner;
    QString comment;
    QString extension;
    std::vector<Privilege> privileges;
    QStringList usedBy; ///< what depends on the function itself, as PostgreSQL describes it
    friend bool operator==(const BoundFunction &, const BoundFunction &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("oid", self.oid);
        visit("schema", self.name.schema);
        visit("name", self.name.name);
        visit("arguments", self.arguments);
        visit("kind", self.kind);
        visit("definition", self.definition);
        visit("body_names", self.bodyNames);
        visit("takes_row", self.takesRow);
        visit("returns_row", self.returnsRow);
        visit("owner", self.owner);
        visit("comment", self.comment);
        visit("extension", self.extension);
        visit("privileges", self.privileges);
        visit("used_by", self.usedBy);
    }
};

/// Something else that depends on the table and that no replacement can take along by itself.
struct Mention
{
    QString kind; ///< "column", "default", "constraint", "type", "relation", "trigger", "view", "other"
    QString description;
    friend bool operator==(const Mention &, const Mention &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("kind", self.kind);
        visit("description", self.description);
    }
};

} // namespace tidemark
