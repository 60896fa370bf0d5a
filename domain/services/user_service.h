// User: who there is. Only ever asked.
#pragma once

#include "domain/messages/calls.h"
#include "sim/database.h"
#include "sim/process.h"

namespace sagasim::domain {

struct UserRow {
  sim::Subject user;
  sim::RowKey key() const { return sim::key_of(user); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("user", self.user);
  }
};

struct UserStore {
  explicit UserStore(sim::Database& backing)
      : database(backing), users(database.add_table<UserRow>("users")) {}
  sim::Database& database;
  sim::Table<UserRow>& users;
};

class UserService final : public sim::Process {
 public:
  explicit UserService(UserStore& store) : tables_(store) {}
  sim::Task<sim::Payload> serve(sim::Context context, sim::Name method,
                                sim::Payload request) override;

 private:
  UserStore& tables_;
};

}  // namespace sagasim::domain
