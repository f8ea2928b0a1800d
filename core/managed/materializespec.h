// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"
#include "core/pg/session.h"
#include "core/plan/action.h"

#include <QJsonObject>

namespace tidemark::managed {

/// An index that the table gets besides the one of its key.
struct IndexWish
{
    QString name;
    QString body; ///< what follows ON table: "USING gist (daterange(valid_after, valid_to, '(]'))"
    bool unique = false;
    friend bool operator==(const IndexWish &, const IndexWish &) = default;
};

/// One view that becomes a table. What is absent is proposed from its columns and its content.
struct ViewWish
{
    pg::QualifiedName view;
    QString definition; ///< the view's name from then on, in its schema; empty: NAME_def
    QStringList key;
    std::optional<std::vector<IndexWish>> indexes;
    QString rangeColumn; ///< by which it is refreshed in parts unless another is named; empty: as proposed, or none
    std::optional<bool> unlogged;
    friend bool operator==(const ViewWish &, const ViewWish &) = default;
};

/// What a DBA asks for: wizard and command line fill in the same.
struct MaterializeSpec
{
    std::vector<ViewWish> views; ///< in any order
    bool unlogged = false;       ///< where a view does not say it itself
    bool rebuildViews =
        true; ///< materialized views that read them are made anew over the tables; else they go on reading the views
    QString timeZone = QStringLiteral("UTC"); ///< in which the definitions are computed
    QStringList queries;                      ///< SELECTs that are timed before and after

    [[nodiscard]] QJsonObject toJson() const;
    /// Errors: Input, naming what is wrong and what it may be.
    [[nodiscard]] static Result<MaterializeSpec> fromJson(const QJsonObject &json);
};

/// Something that stands in the way of a view's becoming a table, or that one should know.
struct MaterializeObstacle
{
    bool refuses = true;
    QString object;
    QString why;
    QString wayOut;
    friend bool operator==(const MaterializeObstacle &, const MaterializeObstacle &) = default;
};

struct MaterializePlan
{
    MaterializeSpec spec; ///< all that was absent filled in as proposed: to be edited and asked for again
    std::vector<MaterializeObstacle> obstacles;
    std::optional<Plan> plan; ///< absent where one refuses
};

/// Reads the views and all that depends on them, proposes keys and indexes, checks them on the content, which computes each
/// view once, and makes the plan. Changes nothing. Errors: Missing and Input, naming the view or the column; the session's.
[[nodiscard]] Result<MaterializePlan> planMaterialize(pg::Session &session, const MaterializeSpec &spec,
                                                      const pg::CallOptions &call = {});

/// The actions of the steps that planMaterialize() makes, besides the engine's own.
[[nodiscard]] Actions managedActions();

} // namespace tidemark::managed
