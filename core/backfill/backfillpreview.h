// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backfill/backfillspec.h"
#include "core/pg/conninfo.h"

namespace tidemark::backfill {

/// A column that may be asked to be filled.
struct FillableColumn
{
    QString name;
    QString type;
    bool notNull = false;
    QString whyNot; ///< it cannot be: "part of the key"; empty where it can
    friend bool operator==(const FillableColumn &, const FillableColumn &) = default;
};

/// The columns of a table in their order; with `adds` for rows that are added, where those of the key are filled as well.
/// Reads the catalogue on a session of its own that can only read. Errors: those of the session, Missing.
[[nodiscard]] Result<std::vector<FillableColumn>>
readFillable(const pg::ConnInfo &server, const pg::QualifiedName &table, bool adds, std::stop_token stop = {});

/// A value of a row as it is and as it would be, as the server prints it; nothing for NULL.
struct SampleValue
{
    int number = 0; ///< in the order they are shown
    QString row;    ///< its key: "42", "7, b"
    QString column;
    std::optional<QString> before;
    std::optional<QString> after;
    friend bool operator==(const SampleValue &, const SampleValue &) = default;
};

/// What is wrong, and where it was written.
struct FieldError
{
    enum class Field { Whole, Expression, Where, Type } field = Field::Whole;
    QString column; ///< of Expression and Type
    Error error;
};

/// What the wizard shows while a person writes.
struct BackfillPreview
{
    std::optional<Plan> plan;
    std::optional<FieldError> refused; ///< why there is no plan, or why its first rows would already fail
    std::vector<SampleValue> sample;
    int rows = 0;                  ///< of the sample
    std::optional<Error> noSample; ///< why it could not be read in time; the plan may be fine
};

inline constexpr int mostSampleRows = 20;
inline constexpr Millis longestSample{3'000};

/// Plans, and evaluates the expressions for a few rows, on a session of its own that can only read; the server ends what takes
/// too long. Changes nothing. Errors: those of connecting.
[[nodiscard]] Result<BackfillPreview> previewBackfill(const pg::ConnInfo &server, const BackfillSpec &spec,
                                                      std::stop_token stop = {});

} // namespace tidemark::backfill
