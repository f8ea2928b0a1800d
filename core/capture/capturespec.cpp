// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturespec.h"

namespace tidemark {

pg::QualifiedName CaptureSpec::log() const
{
    return {QStringLiteral("tidemark"), name};
}

pg::QualifiedName CaptureSpec::truncations() const
{
    return {QStringLiteral("tidemark"), name + QStringLiteral("_truncations")};
}

std::vector<pg::QualifiedName> CaptureSpec::watched() const
{
    std::vector<pg::QualifiedName> all{source};
    all.insert(all.end(), partitions.begin(), partitions.end());
    return all;
}

} // namespace tidemark
