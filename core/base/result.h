// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <tl/expected.hpp>

#include <utility>

namespace tidemark {

/// A value or the Error that stood in its way. The only place that names tl::expected.
template<typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

/// Makes the failed Result of any type: `return fail(error);`
[[nodiscard]] inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

} // namespace tidemark

#define TIDEMARK_CONCAT_(a, b) a##b
#define TIDEMARK_CONCAT(a, b) TIDEMARK_CONCAT_(a, b)

/// `TIDEMARK_TRY(const auto rows, session.exec(sql));` declares rows, or returns the error to the caller.
#define TIDEMARK_TRY(declaration, expression)                                                                          \
    auto TIDEMARK_CONCAT(tried_, __LINE__) = (expression);                                                             \
    if (!TIDEMARK_CONCAT(tried_, __LINE__))                                                                            \
        return ::tidemark::fail(std::move(TIDEMARK_CONCAT(tried_, __LINE__)).error());                                 \
    declaration = std::move(TIDEMARK_CONCAT(tried_, __LINE__)).value()

/// The same for a Status, whose success carries nothing.
#define TIDEMARK_CHECK(expression)                                                                                     \
    do {                                                                                                               \
        auto checked_ = (expression);                                                                                  \
        if (!checked_)                                                                                                 \
            return ::tidemark::fail(std::move(checked_).error());                                                      \
    } while (false)
