// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/localstore.h"
#include "core/store/profile.h"

#include <memory>
#include <vector>

namespace tidemark {

/// What a user typed to connect, with the secrets apart: those go to the SecretStore, the rest into a Profile.
struct ConnectionInput
{
    pg::ConnInfo connInfo; ///< without secrets
    QString password;      ///< empty where none was given
    QString keyPassword;   ///< sslpassword: opens the client key
};

/// Reads a URI, keywords or a database name. An Input error says what is wrong with it.
[[nodiscard]] Result<ConnectionInput> readConnection(const QString &text);

/// The profiles of this workstation, in the local store and without secrets: a password that a ConnInfo still carries is
/// not written. Names are told apart without regard to ASCII case. May be used from any thread.
class ProfileStore
{
public:
    explicit ProfileStore(std::shared_ptr<LocalStore> store);

    /// By name.
    [[nodiscard]] Result<std::vector<Profile>> list() const;
    /// Missing where there is none of that name.
    [[nodiscard]] Result<Profile> find(const QString &name) const;
    /// An Input error where the name is taken or the profile makes no sense.
    [[nodiscard]] Status add(const Profile &profile);
    /// Replaces the profile of that name; `profile.name` may be a new one. The caller moves the secret along.
    [[nodiscard]] Status replace(const QString &name, const Profile &profile);
    /// Its own alert rules go along.
    [[nodiscard]] Status rename(const QString &name, const QString &newName);
    [[nodiscard]] Status remove(const QString &name);

private:
    std::shared_ptr<LocalStore> m_store;
};

/// What keeps a profile from being saved: an empty name, a connection string for a database name, an interval or a budget
/// of nothing.
[[nodiscard]] Status validate(const Profile &profile);

} // namespace tidemark
