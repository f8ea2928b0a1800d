// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backfill/backfillpreview.h"
#include "ui/models/snapshotmodel.h"

namespace tidemark::ui {

/// A column and what it is to become.
struct FillRow
{
    int number = 0; ///< the order of the table's columns, those to be added last
    QString name;
    QString type;
    QString expression; ///< empty: it stays as it is
    QString whyNot;     ///< it cannot be filled
    bool isNew = false; ///< to be added first
    bool isRefused = false;
    friend bool operator==(const FillRow &, const FillRow &) = default;
};

/// The columns of the table of a backfill. GUI thread only.
class FillModel final : public SnapshotModel<FillRow, int>
{
    Q_OBJECT

public:
    explicit FillModel(QObject *parent = nullptr);

    /// A column that stays as it is has no status.
    [[nodiscard]] QVariant data(const QModelIndex &at, int role) const override;
};

/// Some values as they are and as they would be. GUI thread only.
class SampleModel final : public SnapshotModel<backfill::SampleValue, int>
{
    Q_OBJECT

public:
    static constexpr int Before = 2; ///< its column; rows that are added were nothing before
    explicit SampleModel(QObject *parent = nullptr);
};

} // namespace tidemark::ui
